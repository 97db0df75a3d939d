import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/**
 * What PostgreSQL stores of a password: enough to check it, not enough to log in with it. RDS keeps this instead of the
 * password, so that no password is in its state, in an action or in the database's log.
 * https://www.postgresql.org/docs/17/catalog-pg-authid.html
 */
export function passwordVerifier(password: string, salt: Uint8Array): string {
  // Chosen: PostgreSQL's default of 4096 rounds, which takes about 2 ms.
  const rounds = 4096;
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, rounds, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${rounds}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`;
}
