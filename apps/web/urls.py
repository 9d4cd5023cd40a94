"""Every page in one table."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
