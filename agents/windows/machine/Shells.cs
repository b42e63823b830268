using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Win32;

namespace Terrarium
{
    /// <summary>Where the shells are that commands are written for.</summary>
    internal static class Shells
    {
        /// <summary>A shell's program; null if this machine has none.</summary>
        public static string Find(string shell, EnvironmentBlock environment)
        {
            foreach (string place in Places(shell, environment)) if (File.Exists(place)) return place;
            return null;
        }

        /// <summary>How people get a shell that is not there.</summary>
        public static string Advice(string shell)
        {
            switch (shell)
            {
                case "sh":
                case "bash": return "Install Git for Windows on it, which brings " + shell + ", or write the commands for cmd or powershell.";
                case "pwsh": return "Install PowerShell 7 on it, or write the commands for powershell.";
                default: return "It belongs to Windows: repair the machine's image.";
            }
        }

        private static IEnumerable<string> Places(string shell, EnvironmentBlock environment)
        {
            switch (shell)
            {
                case "cmd": return new[] { Path.Combine(Environment.SystemDirectory, "cmd.exe") };
                case "powershell": return new[] { Path.Combine(Environment.SystemDirectory, @"WindowsPowerShell\v1.0\powershell.exe") };
                case "pwsh": return Below(InPath("pwsh.exe", environment), ProgramFolders(environment, @"PowerShell\7"), "pwsh.exe");
                default: return Below(new string[0], GitFolders(environment), @"usr\bin\" + shell + ".exe");
            }
        }

        private static IEnumerable<string> Below(IEnumerable<string> first, IEnumerable<string> folders, string name)
        {
            foreach (string one in first) yield return one;
            foreach (string folder in folders) yield return Path.Combine(folder, name);
        }

        /// <summary>
        /// Git for Windows, where its installer notes it, where it usually is, and above `git.exe` in PATH. Never `bash.exe` in PATH: Windows has one of its own,
        /// which starts the Linux subsystem.
        /// </summary>
        private static IEnumerable<string> GitFolders(EnvironmentBlock environment)
        {
            string noted = Registry.GetValue(@"HKEY_LOCAL_MACHINE\SOFTWARE\GitForWindows", "InstallPath", null) as string;
            if (noted != null) yield return noted;
            foreach (string folder in ProgramFolders(environment, "Git")) yield return folder;
            string local = environment.Get("LOCALAPPDATA");
            if (!string.IsNullOrEmpty(local)) yield return Path.Combine(local, @"Programs\Git");
            foreach (string git in InPath("git.exe", environment))
            {
                // cmd\git.exe, bin\git.exe, or mingw64\bin\git.exe.
                string above = Path.GetDirectoryName(Path.GetDirectoryName(git));
                if (above == null) continue;
                yield return above;
                if (Path.GetDirectoryName(above) != null) yield return Path.GetDirectoryName(above);
            }
        }

        private static IEnumerable<string> ProgramFolders(EnvironmentBlock environment, string below)
        {
            foreach (string name in new[] { "ProgramW6432", "ProgramFiles", "ProgramFiles(x86)" })
            {
                string folder = environment.Get(name);
                if (!string.IsNullOrEmpty(folder)) yield return Path.Combine(folder, below);
            }
        }

        private static IEnumerable<string> InPath(string program, EnvironmentBlock environment)
        {
            foreach (string entry in (environment.Get("PATH") ?? "").Split(';'))
            {
                string folder = entry.Trim().Trim('"');
                // Only what is absolute: the current folder is the project's.
                if (folder.Length < 3 || folder[1] != ':' || folder.IndexOfAny(Path.GetInvalidPathChars()) >= 0) continue;
                string place = Path.Combine(folder, program);
                if (File.Exists(place)) yield return place;
            }
        }
    }
}
