namespace Terrarium
{
    /// <summary>
    /// The console that the supervisor and all commands share; it has no window. Its code page is UTF-8: cmd reads its files in it, and what asks the console for
    /// its encoding (cmd, .NET, PowerShell) writes UTF-8 into the log.
    /// </summary>
    internal static class JobConsole
    {
        private const uint Utf8 = 65001;
        // Kept from the garbage collector for as long as Windows may call it.
        private static readonly Native.ConsoleHandler Deaf = delegate { return true; };

        /// <summary>Makes one if there is none, and does not hear what a job sends to all processes of it (GenerateConsoleCtrlEvent with group 0).</summary>
        public static void Prepare()
        {
            if (Native.GetConsoleOutputCP() == 0) Native.Check(Native.AllocConsole(), "AllocConsole");
            Native.Check(Native.SetConsoleCtrlHandler(Deaf, true), "SetConsoleCtrlHandler");
            Reset();
        }

        /// <summary>Before each command, as `chcp` in the one before changes it for all.</summary>
        public static void Reset()
        {
            Native.Check(Native.SetConsoleOutputCP(Utf8), "SetConsoleOutputCP");
            Native.Check(Native.SetConsoleCP(Utf8), "SetConsoleCP");
        }
    }
}
