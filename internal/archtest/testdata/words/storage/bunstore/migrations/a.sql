-- XXX later
SELECT 1;
