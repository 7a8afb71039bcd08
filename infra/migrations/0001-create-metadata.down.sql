-- Takes away all that 0001-create-metadata.up.sql made, except the schema itself (the table of applied
-- migrations lives in it) and the role (it belongs to the whole server, other databases may use it).

DROP VIEW duetmind.experiment_tracking;
DROP TABLE
  duetmind.audit_event,
  duetmind.model_version_detail,
  duetmind.model_registry,
  duetmind.run_artifact,
  duetmind.input_tags,
  duetmind.inputs,
  duetmind.datasets,
  duetmind.tags,
  duetmind.latest_metrics,
  duetmind.metrics,
  duetmind.params,
  duetmind.runs,
  duetmind.experiment_tags,
  duetmind.experiments,
  duetmind.data_quality_metrics,
  duetmind.feature_view_dataset,
  duetmind.dataset_source,
  duetmind.dataset_catalog,
  duetmind.feature_view,
  duetmind.version_counter,
  duetmind.stage_record;
DROP FUNCTION duetmind.refuse_audit_change();
