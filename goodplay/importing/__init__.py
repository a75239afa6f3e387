"""Bringing over what an old Flask GoodPlay kept in MongoDB: `manage.py import_mongodb`.

`values` reads what documents say, `steps` turn the documents of one collection into calls of the apps' operations,
`carrying` goes through a collection in batches, `report` tells what came of each document.
"""
