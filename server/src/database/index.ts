/** What the other parts use of the database. */
export { isAway as isDatabaseAway } from './connect.ts';
export { openDatabase, type Database, type DatabaseOptions } from './database.ts';
export { DatabaseError, codeOf, type DatabaseErrorCode } from './errors.ts';
export { withTransaction, type TransactionOptions } from './transaction.ts';
