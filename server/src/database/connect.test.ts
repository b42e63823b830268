import { describe, expect, test } from 'vitest';
import { isAway } from './connect.ts';

function coded(code: string): Error {
  return Object.assign(new Error('something'), { code });
}

describe('a database counts as away', () => {
  test.each([
    ['nobody listens', coded('ECONNREFUSED')],
    ['it is being stopped', coded('57P01')],
    ['the connection broke while it was used', new Error('Connection terminated unexpectedly')],
    ['the connection had broken before it was used', new Error('Client has encountered a connection error and is not queryable')],
    ['no connection could be had in time', new Error('timeout exceeded when trying to connect')],
    ['every address refused', new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])],
    ['a transaction failed, and its connection is broken', new AggregateError([coded('23505'), new Error('Connection terminated unexpectedly')])],
    ['broken on both ways', new AggregateError([coded('57P01'), new Error('Client has encountered a connection error and is not queryable')])],
  ])('when %s', (_, error) => expect(isAway(error)).toBe(true));
});

describe('a database does not count as away', () => {
  test.each([
    ['a row is there already', coded('23505')],
    ['a query is wrong, in words that sound alike', Object.assign(new Error('timeout expired'), { code: '42601' })],
    ['a rollback failed too, without a word of the connection', new AggregateError([coded('23505'), coded('25P01')])],
    ['it is no error at all', 'Connection refused'],
  ])('when %s', (_, error) => expect(isAway(error)).toBe(false));
});
