import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/app/',
  plugins: [react()],
  // No inlining, because the content security policy forbids data: scripts and each file is cached for a year.
  build: {
    target: 'es2023',
    cssTarget: ['chrome126', 'firefox126', 'safari18'],
    assetsInlineLimit: 0,
    emptyOutDir: true,
    reportCompressedSize: false,
  },
});
