INSERT INTO mail_drafts (agent_id, fields, version) VALUES
  (1, '{"to": "Ana <ana@kupec.example>, b", "cc": "", "bcc": "z@kupec.example,", "name": "", "site": "demo", "language": "sl", "subject": "Ponudba <b>", "text": "Spoštovani,\n{{customer.name}}", "client_id": "a1b2"}', 1760000004000),
  (2, '{"text": "''; DROP TABLE mail_drafts; --"}', 1760000004001);
