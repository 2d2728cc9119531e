// Where one is among the cases, as the address says. What was searched for is not in it: names and numbers of people stay out of
// the browser's history.
import { CaseStatus } from '../gen/assize/exchange/v1/exchange_pb.js';

export type Route =
  { page: 'list'; words: string; status: CaseStatus } | { page: 'case'; key: string };

export const everything: Route = { page: 'list', words: '', status: CaseStatus.UNSPECIFIED };

export function routeOf(search: string): Route {
  const key = new URLSearchParams(search).get('case') ?? '';
  return /^[0-9a-f-]{36}$/.test(key) ? { page: 'case', key } : everything;
}

export const addressOf = (route: Route): string =>
  route.page === 'case' ? `/cases?case=${route.key}` : '/cases';
