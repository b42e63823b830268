// Runs before the first paint, so that a chosen theme never flashes; everything else about themes is in src/stores/theme.ts.
(function applyStoredTheme() {
  try {
    var theme = localStorage.getItem('terrarium.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden: the system's theme it is.
  }
})();
