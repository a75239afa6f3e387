import socketio


class ImpactNamespace(socketio.AsyncNamespace):
    pass
