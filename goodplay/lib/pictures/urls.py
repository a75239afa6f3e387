from django.urls import path, register_converter

from goodplay.lib.pictures import views


class PublicName:
    """What pictures go by in their addresses; anything else is no address of one, and reaches no database."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicName, "picture_name")

urlpatterns = [path("<picture_name:public_name>/<int:width>.webp", views.picture, name="picture")]
