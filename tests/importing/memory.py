"""A database of documents in memory, as far as the import asks one: for machines without a server."""


class Found(list):
    def sort(self, name, direction):
        assert (name, direction) == ("_id", 1)
        return Found(sorted(self, key=lambda document: str(document.get(name))))


class Collection:
    def __init__(self):
        self.documents = []

    def find(self, wanted, batch_size=0):
        forms = wanted.get("user_id", {}).get("$in")
        return Found(each for each in self.documents if forms is None or each.get("user_id") in forms)

    def insert_many(self, documents):
        self.documents.extend(dict(document) for document in documents)

    def update_one(self, wanted, change):
        next(each for each in self.documents if each["_id"] == wanted["_id"]).update(change["$set"])


class Database(dict):
    name = "goodplay_old"

    def __missing__(self, name):
        self[name] = Collection()
        return self[name]

    def list_collection_names(self):
        return [name for name, collection in self.items() if collection.documents]
