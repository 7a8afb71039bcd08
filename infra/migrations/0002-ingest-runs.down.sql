DROP TABLE duetmind.ingest_run;
