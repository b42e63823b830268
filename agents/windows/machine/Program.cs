using System;
using System.Globalization;
using System.IO;

namespace Terrarium
{
    /// <summary>The agent of Windows machines: `start`, `started`, `run`, `cancel` FOLDER; `state`, which commands call at their end.</summary>
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            try
            {
                return Do(arguments);
            }
            catch (Exception error)
            {
                Console.Error.WriteLine("terrarium agent: " + error);
                if (arguments.Length == 2) NoteCrash(arguments[1], error);
                return 1;
            }
        }

        private static int Do(string[] arguments)
        {
            string verb = arguments.Length > 1 ? arguments[0] : "";
            switch (verb)
            {
                case "start": return Starter.Start(arguments[1]);
                case "started": return Starter.Started(arguments[1]);
                case "run": return Supervisor.Run(arguments[1]);
                case "cancel": return Starter.Cancel(arguments[1]);
                case "state": return CommandState.Leave(arguments);
                default: throw new ArgumentException("Call it as `start FOLDER`, `started FOLDER`, `run FOLDER` or `cancel FOLDER`.");
            }
        }

        /// <summary>Nobody reads the standard error of a detached process.</summary>
        private static void NoteCrash(string folder, Exception error)
        {
            string path = Path.Combine(folder, "agent", "crash");
            string text = DateTime.UtcNow.ToString("o", CultureInfo.InvariantCulture) + " " + error + "\n";
            if (Directory.Exists(Path.GetDirectoryName(path))) File.AppendAllText(path, text);
        }
    }
}
