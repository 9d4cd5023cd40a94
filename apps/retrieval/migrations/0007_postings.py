import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from apps.retrieval.analysis import posted_terms

# Of a passage's terms: key of 47 bits, count in the text of 8, count in the context of 8.
# An entry, eight bytes, biggest first: number of the passage (32 bits), its length (16), the two counts (8 and 8).
POSTINGS = """
ALTER TABLE retrieval_posting ALTER COLUMN entries SET STORAGE PLAIN;
ALTER TABLE retrieval_posting SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE retrieval_indexedpassage ALTER COLUMN terms SET STORAGE EXTERNAL;

CREATE FUNCTION retrieval_keep_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted CONSTANT text := 'SELECT passage.access_id, generation.number AS generation_id, passage.in_force, passage.number,
               passage.terms, (SELECT coalesce(sum((term >> 8 & 255) + (term & 255)), 0)::bigint FROM unnest(passage.terms) AS term) AS length
        FROM %s AS passage JOIN retrieval_indexgeneration AS generation ON generation.id = passage.generation_id
        WHERE NOT passage.pending';
    other CONSTANT text := ' AND EXISTS (SELECT FROM %I AS other WHERE other.id = passage.id
          AND (other.generation_id, other.access_id, other.in_force, other.pending, other.number, other.terms)
              IS DISTINCT FROM (passage.generation_id, passage.access_id, passage.in_force, passage.pending, passage.number, passage.terms))';
    none CONSTANT text := ' AND false';
    any_table CONSTANT text := 'retrieval_indexedpassage';
    gone text;
    come text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        come := format(posted, 'written'); gone := format(posted, any_table) || none;
    ELSIF TG_OP = 'DELETE' THEN
        come := format(posted, any_table) || none; gone := format(posted, 'removed');
    ELSE
        come := format(posted, 'written') || format(other, 'removed');
        gone := format(posted, 'removed') || format(other, 'written');
    END IF;

    -- The rows of totals are locked first, and in this order, so that writers of the same postings follow each other.
    EXECUTE format($sql$
        INSERT INTO retrieval_postedpassages AS total (access_id, generation_id, in_force, passages, length)
        SELECT access_id, generation_id, in_force, sum(sign), sum(sign * length)
        FROM (SELECT 1 AS sign, * FROM (%s) AS come UNION ALL SELECT -1, * FROM (%s) AS gone) AS change
        GROUP BY access_id, generation_id, in_force ORDER BY access_id, generation_id, in_force
        ON CONFLICT (access_id, generation_id, in_force) DO UPDATE
        SET passages = total.passages + excluded.passages, length = total.length + excluded.length
    $sql$, come, gone);

    IF TG_OP <> 'INSERT' THEN
        EXECUTE format($sql$
            WITH gone AS MATERIALIZED (%s), entry AS MATERIALIZED (
                SELECT access_id, term >> 16 AS term, generation_id, in_force, (number / 1000)::int AS bucket, count(*) AS entries
                FROM gone, unnest(gone.terms) AS term GROUP BY 1, 2, 3, 4, 5
            ), emptied AS (
                DELETE FROM retrieval_posting AS posting USING entry
                WHERE posting.access_id = entry.access_id AND posting.term = entry.term
                  AND posting.generation_id = entry.generation_id AND posting.in_force = entry.in_force
                  AND posting.bucket = entry.bucket AND octet_length(posting.entries) = 8 * entry.entries
            )
            UPDATE retrieval_posting AS posting SET entries = (
                SELECT string_agg(substr(posting.entries, start, 8), ''::bytea ORDER BY start)
                FROM generate_series(1, octet_length(posting.entries), 8) AS start
                WHERE substr(posting.entries, start, 4) NOT IN (SELECT int4send(number::int) FROM gone)
            )
            FROM entry
            WHERE posting.access_id = entry.access_id AND posting.term = entry.term
              AND posting.generation_id = entry.generation_id AND posting.in_force = entry.in_force
              AND posting.bucket = entry.bucket AND octet_length(posting.entries) > 8 * entry.entries
        $sql$, gone);
    END IF;

    IF TG_OP <> 'DELETE' THEN
        EXECUTE format($sql$
            INSERT INTO retrieval_posting AS posting (access_id, term, generation_id, in_force, bucket, entries)
            SELECT access_id, term >> 16, generation_id, in_force, number / 1000,
                   string_agg(int8send((number << 32) | (least(length, 65535) << 16) | (term & 65535)), ''::bytea ORDER BY number)
            FROM (%s) AS come, unnest(come.terms) AS term GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
            ON CONFLICT (access_id, generation_id, term, bucket, in_force) DO UPDATE
            SET entries = posting.entries || excluded.entries
        $sql$, come);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER passage_posted AFTER INSERT ON retrieval_indexedpassage REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION retrieval_keep_postings();
CREATE TRIGGER passage_posted_anew AFTER UPDATE ON retrieval_indexedpassage
REFERENCING OLD TABLE AS removed NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION retrieval_keep_postings();
CREATE TRIGGER passage_no_longer_posted AFTER DELETE ON retrieval_indexedpassage REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION retrieval_keep_postings();
"""
NO_POSTINGS = """
DROP TRIGGER passage_no_longer_posted ON retrieval_indexedpassage;
DROP TRIGGER passage_posted_anew ON retrieval_indexedpassage;
DROP TRIGGER passage_posted ON retrieval_indexedpassage;
DROP FUNCTION retrieval_keep_postings();
"""


def analyse_passages(apps, schema_editor):
    """Give the passages that are there their terms, from which the triggers post them."""
    passages = apps.get_model("retrieval", "IndexedPassage").objects.order_by("number")
    last = 0
    while some := list(passages.filter(number__gt=last).only("text", "context", "language", "number")[:500]):
        for passage in some:
            passage.terms = posted_terms(passage.text, passage.context, passage.language)
        passages.bulk_update(some, ["terms"])
        last = some[-1].number


def _key(model):
    return models.ForeignKey(
        model,
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        **({"to_field": "number"} if model == "retrieval.indexgeneration" else {}),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0004_access"),
        ("retrieval", "0006_generations_side_by_side"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="indexedpassage", name="passage_words"),
        migrations.RemoveField(model_name="indexedpassage", name="words"),
        migrations.AddField(
            model_name="indexedpassage",
            name="terms",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                help_text="What it holds by words: each term’s key, and how often it stands in the text and in the context.",
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="PostedPassages",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "access_id",
                        "generation_id",
                        "in_force",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("access", _key("documents.access")),
                ("generation", _key("retrieval.indexgeneration")),
                ("in_force", models.BooleanField()),
                ("passages", models.IntegerField()),
                ("length", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "access_id",
                        "generation_id",
                        "term",
                        "bucket",
                        "in_force",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("access", _key("documents.access")),
                ("generation", _key("retrieval.indexgeneration")),
                ("term", models.BigIntegerField()),
                ("bucket", models.IntegerField()),
                ("in_force", models.BooleanField()),
                ("entries", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(POSTINGS, NO_POSTINGS),
        migrations.RunPython(analyse_passages, migrations.RunPython.noop),
    ]
