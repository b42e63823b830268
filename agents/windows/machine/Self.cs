using System;
using System.Diagnostics;
using System.IO;
using System.Reflection;
using System.Collections.Generic;

namespace Terrarium
{
    /// <summary>How this program is started again: by itself, or by the host that runs it (as `dotnet` does).</summary>
    internal static class Self
    {
        /// <summary>The program, and the first argument that it needs; one element where it needs none.</summary>
        public static string[] Words()
        {
            string library = Assembly.GetExecutingAssembly().Location;
            string program;
            using (Process process = Process.GetCurrentProcess()) program = process.MainModule.FileName;
            bool own = string.Equals(Path.GetFullPath(program), Path.GetFullPath(library), StringComparison.OrdinalIgnoreCase);
            return own ? new[] { program } : new[] { program, library };
        }

        /// <summary>A command line for this program with more arguments.</summary>
        public static string Line(params string[] arguments)
        {
            List<string> words = new List<string>(Words());
            words.AddRange(arguments);
            return CommandLine.Of(words.ToArray());
        }
    }
}
