INSERT INTO rules (name, event, hours, conditions, actions, position, enabled_at, runs, last_run_at, updated_by, updated_at) VALUES
  ('Denar', 'customer_wrote', NULL, '{"words": ["denar"]}', '{"steps": {"priority": "high"}}', 1, 1760000000000, 3, 1760000002000, 1, 1760000000000),
  ('Tišina', 'quiet', 4, '{}', '{"steps": {"note": "Tiho."}}', 2, NULL, 0, NULL, 1, 1760000000000);
INSERT INTO rule_events (conversation_id, event, seq, label_id, status, attempts, due_at, created_at, finished_at) VALUES
  ('done', 'customer_wrote', 1, NULL, 'done', 1, 1760000000000, 1760000000000, 1760000001000);
INSERT INTO rule_silences (rule_id, conversation_id, seq) VALUES
  (2, 'done', 1);
