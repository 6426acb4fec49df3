INSERT INTO messages (conversation_id, seq, sender, internal, text, html, author, created_at) VALUES
  ('mail', 3, 'customer', FALSE, 'In jaz?', '<p>In jaz?</p>', 'Marko Žagar', 1760000005000);
UPDATE conversations SET last_seq = 3 WHERE id = 'mail';
INSERT INTO mails
  (identity, message_id, sender, subject, original, conversation_id, seq, created_at, recipients) VALUES
  ('id-3', '<c@kupec.example>', 'marko@kupec.example', 'Račun', 'In jaz?', 'mail', 3, 1760000005000,
   '{"cc": [["Janez", "janez@kupec.example"]]}');
INSERT INTO mail_queue
  (conversation_id, first_seq, last_seq, automatic, if_unread, recipient, message_id, status, attempts, due_at,
   created_at, recipients, remaining) VALUES
  ('mine', 3, 3, FALSE, FALSE, 'x@kupec.example', '<3@smreka.example>', 'waiting', 1, 1760000003000, 1760000003000,
   '{"to": ["x@kupec.example"], "cc": ["y@kupec.example"], "bcc": ["z@kupec.example"]}', '["z@kupec.example"]');
