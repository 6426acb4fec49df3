UPDATE conversations SET mailbox = 'sales' WHERE channel = 'mail';
UPDATE mails SET mailbox = 'sales';
