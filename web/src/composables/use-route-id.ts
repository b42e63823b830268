import { useRoute } from 'vue-router';

/** The number in a page's address. The router lets only digits through; a page is made anew for each address. */
export function useRouteId(): number {
  const id = useRoute().params['id'];
  return Number(Array.isArray(id) ? id[0] : id);
}
