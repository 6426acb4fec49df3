INSERT INTO side_mails
  (conversation_id, thread, seq, agent_id, address, subject, passed_on, files, message_id, status, attempts, due_at,
   error, created_at, finished_at) VALUES
  ('mail', 'a1b2c3d4e5f6a1b2c3d4e5f6', 1, 1, 'ivo@dobavitelj.example', 'Fwd: Račun', 'Stranka: "Kje je?" <b>', '["f1"]',
   '<odziv.s1@smreka.example>', 'sent', 1, 1760000004000, NULL, 1760000003000, 1760000004000),
  ('mail', 'a1b2c3d4e5f6a1b2c3d4e5f6', 2, NULL, 'ivo@dobavitelj.example', 'Re: Fwd: Račun', '', NULL,
   NULL, 'received', 0, 1760000005000, NULL, 1760000005000, 1760000005000);
