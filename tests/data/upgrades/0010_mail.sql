INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at, channel, email) VALUES
  ('mail', 'demo', 'sl', 'bot', 0, 2, 1760000000000, 1760000001000, 'mail', 'janez@kupec.example');
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, reply_to, created_at) VALUES
  ('mail', 1, 'customer', FALSE, 'k1', 'Pozdravljeni', '<p>Pozdravljeni</p>', NULL, 1760000000000),
  ('mail', 2, 'bot', FALSE, NULL, 'Pozdravljeni!', '<p>Pozdravljeni!</p>', 1, 1760000001000);
INSERT INTO outbox
  (conversation_id, first_seq, last_seq, automatic, if_unread, recipient, message_id, status, attempts, due_at, error,
   created_at, finished_at) VALUES
  ('mail', 2, 2, TRUE, FALSE, 'janez@kupec.example', '<1@smreka.example>', 'waiting', 2, 1760000100000,
   '450 busy <b>', 1760000001000, NULL),
  ('mine', 3, 3, FALSE, TRUE, 'x@kupec.example', '<2@smreka.example>', 'sent', 1, 1760000003000, NULL, 1760000003000,
   1760000004000);
INSERT INTO mails
  (identity, message_id, sender, subject, original, attachments, automatic, conversation_id, seq, created_at) VALUES
  ('id-1', '<a@kupec.example>', 'janez@kupec.example', 'Račun =?utf-8?q?=C5?=', 'Pozdravljeni' || '
> quoted', '["f11f"]', NULL, 'mail', 1, 1760000000000),
  ('id-2', NULL, NULL, '', 'Out of office', NULL, 'Auto-Submitted', NULL, NULL, 1760000000500);
INSERT INTO mailboxes (name, uidvalidity, last_uid) VALUES ('imap.example/INBOX', 4294967295, 4294967294);
