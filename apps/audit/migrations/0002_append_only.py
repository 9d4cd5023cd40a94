"""PostgreSQL itself refuses to change, remove or empty the record. A row trigger does not cover TRUNCATE, so there are two."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_record is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_record_no_change BEFORE UPDATE OR DELETE ON audit_record
  FOR EACH ROW EXECUTE FUNCTION audit_record_refuse();
CREATE TRIGGER audit_record_no_truncate BEFORE TRUNCATE ON audit_record
  FOR EACH STATEMENT EXECUTE FUNCTION audit_record_refuse();
"""
BACKWARD = """
DROP TRIGGER audit_record_no_truncate ON audit_record;
DROP TRIGGER audit_record_no_change ON audit_record;
DROP FUNCTION audit_record_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
