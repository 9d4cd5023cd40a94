import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from apps.retrieval.analysis import posted_terms

# Of a passage's terms: key of 47 bits, count in the text of 8, count in the context of 8.
# An entry, eight bytes, biggest first: number of the passage (32 bits), its length (16), the two counts (8 and 8).
POSTINGS = """
ALTER TABLE retrieval_posting ALTER COLUMN entries SET STORAGE PLAIN;
ALTER TABLE retrieval_posting SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
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
    gone text;
    come text;
    left_behind bigint;
    full_accesses int[];
    full_generations int[];
    full_in_force boolean[];
    full_terms bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        come := format(posted, 'written'); gone := come || ' AND false';
    ELSIF TG_OP = 'DELETE' THEN
        gone := format(posted, 'removed'); come := gone || ' AND false';
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
                SELECT access_id, generation_id, in_force, term >> 16 AS term, count(*) AS entries, min(number) AS first, max(number) AS last
                FROM gone, unnest(gone.terms) AS term GROUP BY 1, 2, 3, 4
            ), touched AS MATERIALIZED (
                SELECT posting.access_id, posting.generation_id, posting.in_force, posting.term, posting.part,
                       octet_length(posting.entries) AS before,
                       (SELECT string_agg(substr(posting.entries, start, 8), ''::bytea ORDER BY start)
                        FROM generate_series(1, octet_length(posting.entries), 8) AS start
                        WHERE substr(posting.entries, start, 4) NOT IN (SELECT int4send(number::int) FROM gone)) AS kept
                FROM entry JOIN retrieval_posting AS posting USING (access_id, generation_id, in_force, term)
                WHERE posting.first <= entry.last AND posting.last >= entry.first
            ), emptied AS (
                DELETE FROM retrieval_posting AS posting USING touched
                WHERE (posting.access_id, posting.generation_id, posting.in_force, posting.term, posting.part)
                    = (touched.access_id, touched.generation_id, touched.in_force, touched.term, touched.part) AND touched.kept IS NULL
            ), shortened AS (
                UPDATE retrieval_posting AS posting SET entries = touched.kept FROM touched
                WHERE (posting.access_id, posting.generation_id, posting.in_force, posting.term, posting.part)
                    = (touched.access_id, touched.generation_id, touched.in_force, touched.term, touched.part)
                  AND octet_length(touched.kept) < touched.before
            )
            SELECT coalesce((SELECT sum(entries) FROM entry), 0)
                 - coalesce((SELECT sum(before - coalesce(octet_length(kept), 0)) / 8 FROM touched), 0)
        $sql$, gone) INTO left_behind;
        IF left_behind <> 0 THEN
            RAISE EXCEPTION 'Of the passages that go, % postings were not found.', left_behind;
        END IF;
    END IF;

    IF TG_OP <> 'DELETE' THEN
        EXECUTE format($sql$
            WITH one AS (
                SELECT access_id, generation_id, in_force, term >> 16 AS term, number,
                       int8send((number << 32) | (least(length, 65535) << 16) | (term & 65535)) AS entry
                FROM (%s) AS come, unnest(come.terms) AS term
            ), entry AS MATERIALIZED (
                SELECT access_id, generation_id, in_force, term, chunk, min(number) AS first, max(number) AS last,
                       string_agg(entry, ''::bytea ORDER BY number) AS entries
                FROM (SELECT *, (row_number() OVER (PARTITION BY access_id, generation_id, in_force, term ORDER BY number) - 1) / 125 AS chunk
                      FROM one) AS numbered
                GROUP BY access_id, generation_id, in_force, term, chunk
            ), closed AS (
                INSERT INTO retrieval_posting (access_id, generation_id, in_force, term, part, first, last, entries)
                SELECT access_id, generation_id, in_force, term, chunk + (
                           SELECT coalesce(max(part), 0) FROM retrieval_posting AS other
                           WHERE (other.access_id, other.generation_id, other.in_force, other.term)
                               = (entry.access_id, entry.generation_id, entry.in_force, entry.term)
                       ), first, last, entries
                FROM entry WHERE chunk > 0
            ), posted AS (
                INSERT INTO retrieval_posting AS posting (access_id, generation_id, in_force, term, part, first, last, entries)
                SELECT access_id, generation_id, in_force, term, 0, first, last, entries FROM entry WHERE chunk = 0
                ON CONFLICT (access_id, generation_id, in_force, term, part) DO UPDATE
                SET entries = posting.entries || excluded.entries,
                    first = least(posting.first, excluded.first), last = greatest(posting.last, excluded.last)
                RETURNING access_id, generation_id, in_force, term, octet_length(entries) AS size
            )
            SELECT array_agg(access_id), array_agg(generation_id), array_agg(in_force), array_agg(term) FROM posted WHERE size >= 1000
        $sql$, come) INTO full_accesses, full_generations, full_in_force, full_terms;
        -- What has become long is closed: entries are added to part 0 only, so that no more than that is written anew.
        UPDATE retrieval_posting AS posting SET part = 1 + (
            SELECT max(part) FROM retrieval_posting AS other
            WHERE (other.access_id, other.generation_id, other.in_force, other.term)
                = (posting.access_id, posting.generation_id, posting.in_force, posting.term)
        )
        FROM unnest(full_accesses, full_generations, full_in_force, full_terms) AS closed (access_id, generation_id, in_force, term)
        WHERE (posting.access_id, posting.generation_id, posting.in_force, posting.term, posting.part)
            = (closed.access_id, closed.generation_id, closed.in_force, closed.term, 0);
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
                        "in_force",
                        "term",
                        "part",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("access", _key("documents.access")),
                ("generation", _key("retrieval.indexgeneration")),
                ("in_force", models.BooleanField()),
                ("term", models.BigIntegerField()),
                ("part", models.IntegerField(help_text="Entries are added to part 0, which gets another number when it is full.")),
                ("first", models.BigIntegerField(help_text="No number of a passage in this part is smaller.")),
                ("last", models.BigIntegerField(help_text="None is greater.")),
                ("entries", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(POSTINGS, NO_POSTINGS),
        migrations.RunPython(analyse_passages, migrations.RunPython.noop),
    ]
