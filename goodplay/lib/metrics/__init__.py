"""What GoodPlay measures of itself. Only what was measured is shown: what is not known is null."""
