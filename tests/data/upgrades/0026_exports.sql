INSERT INTO exports (id, kind, status, wanted, count, total, bytes, reason, agent_id, attempts, due_at, created_at, finished_at) VALUES
  ('ex1', 'conversations', 'expired', '{}', 4, 4, 812, NULL, 1, 1, 1760000000000, 1760000000000, 1760000001000);
