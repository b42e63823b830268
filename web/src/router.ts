import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';

/** Numbers only: anything else is the not-found page, not a request. */
const ID = ':id([1-9]\\d{0,14})';

/** Every page. `wide` pages use the whole height, without the margin below. */
const routes: RouteRecordRaw[] = [
  { path: '/', name: 'projects', component: () => import('./pages/ProjectsPage.vue') },
  { path: '/projects/new', name: 'new-project', component: () => import('./pages/NewProjectPage.vue') },
  { path: `/projects/${ID}`, name: 'project', component: () => import('./pages/ProjectPage.vue') },
  { path: `/projects/${ID}/settings`, name: 'project-settings', component: () => import('./pages/ProjectSettingsPage.vue') },
  { path: `/projects/${ID}/fork`, name: 'fork', component: () => import('./pages/ForkPage.vue') },
  { path: `/projects/${ID}/tests`, name: 'tests', component: () => import('./pages/TestsPage.vue') },
  { path: `/projects/${ID}/people`, name: 'people', component: () => import('./pages/PeoplePage.vue') },
  { path: `/builds/${ID}`, name: 'build', component: () => import('./pages/BuildPage.vue') },
  { path: `/jobs/${ID}`, name: 'job', component: () => import('./pages/JobPage.vue'), meta: { wide: true } },
  { path: '/queue', name: 'queue', component: () => import('./pages/QueuePage.vue') },
  { path: '/machines', name: 'machines', component: () => import('./pages/MachinesPage.vue') },
  { path: '/pythons', name: 'pythons', component: () => import('./pages/PythonsPage.vue') },
  { path: '/licenses', name: 'licenses', component: () => import('./pages/LicensesPage.vue') },
  { path: '/bundles', name: 'bundles', component: () => import('./pages/BundlesPage.vue') },
  { path: '/admin', name: 'admin', component: () => import('./pages/AdminPage.vue') },
  { path: '/profile', name: 'profile', component: () => import('./pages/ProfilePage.vue') },
  { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue') },
  { path: '/invitation', name: 'invitation', component: () => import('./pages/InvitationPage.vue') },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, _from, saved) => saved ?? (to.hash === '' ? { top: 0 } : undefined),
});
