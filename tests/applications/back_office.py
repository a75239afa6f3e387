"""Working with applications by the back office."""

from django.urls import reverse


def sign_in(client, user):
    client.force_login(user)
    return user


def page_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def press(client, row, name, **data):
    """Send the form of a button, and return the page that follows."""
    return client.post(page_of(row).replace("/change/", f"/do/{name}/"), data, follow=True)


def buttons_on(client, row):
    return {
        each["url"].rstrip("/").rsplit("/", 1)[-1] for each in client.get(page_of(row)).context["buttons"]
    }
