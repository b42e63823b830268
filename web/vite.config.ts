import vue from '@vitejs/plugin-vue';
import { defaultClientConditions, defineConfig } from 'vite';

const server = process.env['TERRARIUM_URL'] ?? 'http://127.0.0.1:7000';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [vue()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: { outDir: '../dist/web', emptyOutDir: true, target: 'es2022', sourcemap: false },
  server: { proxy: { '/api': server, '/socket.io': { target: server, ws: true } } },
});
