using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Terrarium
{
    /// <summary>
    /// What one command leaves to the next: its variables and its current folder. Each command runs in a shell of its own, which at its end starts this program
    /// (`state`), and a program gets exactly what its shell has; no text of any shell has to be read.
    /// </summary>
    internal sealed class CommandState
    {
        /// <summary>Set by bash.sh for `state` alone: what the job itself has in MSYS2_ENV_CONV_EXCL.</summary>
        private const string KeptExclusions = "TERRARIUM_MSYS2_ENV_CONV_EXCL";

        public CommandState(EnvironmentBlock environment, string folder)
        {
            Environment = environment;
            Folder = folder;
        }

        public EnvironmentBlock Environment { get; private set; }

        /// <summary>The current folder.</summary>
        public string Folder { get; private set; }

        /// <summary>
        /// `state FILE KIND [CODE]`: writes this process's variables and folder, returns the code that the command is to end with. KIND: `ended`; `failed`, where
        /// CODE is %ERRORLEVEL%, which may be anything but says no success; `bash`.
        /// </summary>
        public static int Leave(string[] arguments)
        {
            EnvironmentBlock environment = EnvironmentBlock.OfThisProcess();
            if (arguments[2] == "bash") TakeBashOut(environment);
            string text = Directory.GetCurrentDirectory() + "\0" + environment.Save();
            File.WriteAllText(arguments[1], text, new UTF8Encoding(false));
            if (arguments[2] != "failed") return 0;
            int code;
            bool number = int.TryParse(arguments.Length > 3 ? arguments[3].Trim() : "", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out code);
            return number && code != 0 ? code : 1;
        }

        /// <summary>What a command left in a file; null if its shell ended before it came to that, or in its midst.</summary>
        public static CommandState Load(string path)
        {
            if (!File.Exists(path)) return null;
            string text = File.ReadAllText(path, new UTF8Encoding(false));
            int end = text.IndexOf('\0');
            if (end < 0) return null;
            return new CommandState(EnvironmentBlock.Load(text.Substring(end + 1)), text.Substring(0, end));
        }

        /// <summary>Bash's notes for itself, in which paths are of its own kind.</summary>
        private static void TakeBashOut(EnvironmentBlock environment)
        {
            foreach (string name in new[] { "_", "SHLVL", "PWD", "OLDPWD", "MSYSTEM" }) environment.Remove(name);
            string exclusions = environment.Get(KeptExclusions);
            environment.Remove(KeptExclusions);
            environment.Remove("MSYS2_ENV_CONV_EXCL");
            if (!string.IsNullOrEmpty(exclusions)) environment.Set("MSYS2_ENV_CONV_EXCL", exclusions);
        }
    }
}
