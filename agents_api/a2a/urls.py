"""The addresses under `/a2a`. The order matters: an id takes all up to the next slash."""

from django.urls import path

from agents_api.a2a import views

urlpatterns = [
    path("message:send", views.send_message, name="a2a_send"),
    path("message:stream", views.stream_message, name="a2a_stream"),
    path("tasks", views.list_tasks, name="a2a_tasks"),
    path("tasks/<str:task_id>:cancel", views.cancel_task, name="a2a_cancel"),
    path("tasks/<str:task_id>:subscribe", views.subscribe, name="a2a_subscribe"),
    path("tasks/<str:task_id>/pushNotificationConfigs", views.no_notifications, name="a2a_notifications"),
    path(
        "tasks/<str:task_id>/pushNotificationConfigs/<str:config_id>",
        views.no_notifications,
        name="a2a_notification",
    ),
    path("tasks/<str:task_id>", views.get_task, name="a2a_task"),
    path("extendedAgentCard", views.no_extended_card, name="a2a_extended_card"),
    path("<path:rest>", views.nowhere, name="a2a_nowhere"),
]
