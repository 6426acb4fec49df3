INSERT INTO conversations
  (id, site, language, status, epoch, last_seq, created_at, updated_at, channel, email, subject) VALUES
  ('begun', 'demo', 'sl', 'open', 1, 0, 1760000000000, 1760000001000, 'mail', 'nova@kupec.example', 'Ponudba <b>');
UPDATE conversations SET agent_id = 2 WHERE id = 'begun';
INSERT INTO reply_drafts (conversation_id, agent_id, kind, text, recipients, version) VALUES
  ('mine', 1, 'reply', 'Spoštovani, <b>', '{"to": "x@kupec.example", "cc": "", "bcc": "z@kupec.example,"}', 1760000003000),
  ('mine', 2, 'note', '', NULL, 1760000003001);
