INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at) VALUES
  ('ticket', 'demo', 'pl', 'queued', 1, 1, 1760000400000, 1760000400000);
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, created_at) VALUES
  ('ticket', 1, 'customer', FALSE, 'j1', 'Czy ktoś tam jest?', '<p>Czy ktoś tam jest?</p>', 1760000400000);
INSERT INTO handoffs
  (conversation_id, reason, language, status, created_at, ticket, asks_email, priority, asked_at, told_at) VALUES
  ('ticket', 'requested', 'pl', 'waiting', 1760000400000, TRUE, TRUE, 'urgent', 1760000400000, 1760004000000);
INSERT INTO handoffs
  (conversation_id, reason, language, status, agent_id, created_at, claimed_at, closed_at, first_claimed_at, replied_at,
   outcome) VALUES
  ('done', 'requested', 'en', 'closed', 2, 1759800001000, 1759800002000, 1759800009000, 1759800002000, 1759800003000,
   'bot');
