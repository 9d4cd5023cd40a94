from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "apps.evaluation"
    label = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have searches run with what was made live here, and indexes judged before they go live."""
        from apps.evaluation.live import configured, objection_to
        from apps.retrieval.configuration import settled_by
        from apps.retrieval.generations import before_switch

        settled_by(configured)
        before_switch(objection_to)
