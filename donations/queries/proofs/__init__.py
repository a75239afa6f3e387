"""The rules the books are held against, one file a topic. Each yields every contradiction it finds."""
