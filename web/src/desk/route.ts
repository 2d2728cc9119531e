// Where one is at the desk, as its address says. In the query, so that signing in leads back.
export type Route =
  | { page: 'day'; date: string } // '' is today
  | { page: 'hearing'; hearing: string }
  | { page: 'cases' }
  | { page: 'schedule'; courtCase: string };

export function routeOf(search: string): Route {
  const query = new URLSearchParams(search);
  const hearing = query.get('hearing');
  const courtCase = query.get('case');
  if (hearing) return { page: 'hearing', hearing };
  if (courtCase) return { page: 'schedule', courtCase };
  if (query.has('cases')) return { page: 'cases' };
  const date = query.get('date') ?? '';
  return { page: 'day', date: /^\d{4}-\d\d-\d\d$/.test(date) ? date : '' };
}

export function addressOf(route: Route): string {
  switch (route.page) {
    case 'day':
      return route.date ? `/desk?date=${route.date}` : '/desk';
    case 'hearing':
      return `/desk?hearing=${route.hearing}`;
    case 'cases':
      return '/desk?cases=';
    case 'schedule':
      return `/desk?case=${route.courtCase}`;
  }
}
