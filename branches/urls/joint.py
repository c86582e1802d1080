"""Addresses of the joint-branch planner."""

from django.urls import URLPattern, path

from branches.views import joint, joint_plan

urlpatterns: list[URLPattern] = [
    path("joint/", joint.joint_planner, name="joint_planner"),
    path("joint/accept/", joint.joint_accept, name="joint_accept"),
    path("joint/compose/", joint.joint_compose, name="joint_compose"),
    path("joint/start/", joint.joint_start, name="joint_start"),
    path("joint/jobs/<uuid:pk>/", joint.joint_progress, name="joint_progress"),
    path("joint/jobs/<uuid:pk>/cancel/", joint.joint_cancel, name="joint_cancel"),
    path("joint/plans/<int:pk>/", joint_plan.joint_plan, name="joint_plan"),
    path("joint/plans/<int:pk>/steps/<int:number>/", joint_plan.joint_step_record, name="joint_step_record"),
    path("joint/plans/<int:pk>/discard/", joint_plan.joint_discard, name="joint_discard"),
    path("joint/groups/<int:pk>/edit/", joint_plan.joint_group_edit, name="joint_group_edit"),
]
