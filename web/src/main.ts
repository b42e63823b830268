import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { setUnauthorizedHandler } from './api/http.ts';
import { router } from './router.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/ansi.css';

// An answer may come before the first page is there: only then is it known where they were going.
setUnauthorizedHandler(() => void router.isReady().then(askToSignIn));

function askToSignIn(): void {
  const from = router.currentRoute.value;
  if (from.name !== 'login' && from.name !== 'invitation') void router.replace({ name: 'login', query: { to: from.fullPath } });
}

createApp(App).use(createPinia()).use(router).mount('#app');
