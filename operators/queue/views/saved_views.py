"""Save a view of the queue, rename it, delete it, bring it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from operators import named
from operators.access import signed_in
from operators.models import SavedView
from operators.named import NameForm, NameTaken
from operators.queue import saved_views
from operators.queue.page import own_context
from operators.queue.queue_view import QueueView
from operators.queue.seat import Seat


@require_GET
def own_views(request: HttpRequest) -> HttpResponse:
    """The pills of this person alone, with fresh counts."""
    seat = Seat.of(signed_in(request))
    context = own_context(QueueView.at(seat, request.GET.dict()), seat)
    return render(request, "operators/queue/_my_views.html", context)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the page under a name."""
    operator, form = signed_in(request), NameForm(request.POST)
    if form.is_valid():
        try:
            saved = saved_views.save(operator, form, request.POST)
        except NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved as “%(name)s”.") % {"name": saved.name})
            return _to(saved)
    return _again(request, form, reverse("save_view"))


@require_POST
def rename_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Another name for a saved view, or another circle of people who have it."""
    saved, form = named.changeable(SavedView, signed_in(request), view_id), NameForm(request.POST)
    if form.is_valid():
        try:
            named.rename(saved, form)
        except NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The view is called “%(name)s” now.") % {"name": saved.name})
            return _to(saved)
    return _again(request, form, reverse("rename_view", args=[view_id]))


@require_POST
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete a saved view at once; the toast can bring it back."""
    saved = named.changeable(SavedView, signed_in(request), view_id)
    name = saved.name
    kept = named.delete(saved)
    context = {"name": name, "kept": kept, "restore_url": reverse("restore_view")}
    undo = render_to_string("operators/_named_deleted.html", context, request)
    messages.success(request, undo)
    return HttpResponseClientRedirect(reverse("queue"))


@require_POST
def restore_view(request: HttpRequest) -> HttpResponse:
    """Bring a deleted view back."""
    try:
        saved = named.restore(SavedView, signed_in(request), request.POST.get("kept", ""))
    except NameTaken as error:
        messages.warning(request, str(error))
        return HttpResponseClientRedirect(reverse("queue"))
    messages.success(request, _("“%(name)s” is back.") % {"name": saved.name})
    return _to(saved)


def _to(saved: SavedView) -> HttpResponse:
    return HttpResponseClientRedirect(f"{reverse('queue')}?{urlencode(saved.params)}")


def _again(request: HttpRequest, form: NameForm, action: str) -> HttpResponse:
    context = {"form": form, "action": action}
    return render(request, "operators/queue/_view_name.html", context, status=422)
