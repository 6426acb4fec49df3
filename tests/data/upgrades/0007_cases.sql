INSERT INTO conversations (id, site, language, status, epoch, last_seq, agent_id, created_at, updated_at) VALUES
  ('later', 'demo', 'en', 'open', 2, 1, 1, 1760000000000, 1760000002000),
  ('spam', 'demo', 'en', 'spam', 2, 1, NULL, 1760000000000, 1760000002000);
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, created_at) VALUES
  ('later', 1, 'customer', FALSE, 'i1', 'On Monday, please.', '<p>On Monday, please.</p>', 1760000000000),
  ('spam', 1, 'customer', FALSE, 'i1', 'BUY NOW https://x.example/?a=1&b=2', '<p>BUY NOW</p>', 1760000000000);
INSERT INTO handoffs
  (conversation_id, reason, language, status, agent_id, created_at, claimed_at, closed_at, snoozed_until) VALUES
  ('later', 'requested', 'en', 'snoozed', 1, 1760000000000, 1760000001000, NULL, 1760090000000),
  ('spam', 'requested', 'en', 'closed', NULL, 1760000000000, NULL, 1760000002000, NULL);
INSERT INTO spam (conversation_id, agent_id, handoff_id, seq, at)
  SELECT 'spam', 2, id, 1, 1760000002000 FROM handoffs WHERE conversation_id = 'spam';
INSERT INTO drafts
  (conversation_id, seq, language, category, title, question, answer, status, proposed_by, created_at, decided_by,
   decided_at) VALUES
  ('done', 2, 'en', 'orders', 'Gift <wrapping>', 'Do you wrap?', 'Yes, *we* do.', 'proposed', 2, 1759900005000, NULL, NULL),
  ('done', 2, 'en', 'orders', 'Twice', 'q', 'a', 'dismissed', 2, 1759900005000, 1, 1759900006000);
INSERT INTO flags (conversation_id, seq, reason, status, flagged_by, created_at, done_by, done_at) VALUES
  ('bot', 2, 'Wrong price: 3 % "off"', 'open', 2, 1760000003000, NULL, NULL),
  ('bot', 2, NULL, 'done', 2, 1760000003000, 1, 1760000004000);
