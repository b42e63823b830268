using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Terrarium
{
    /// <summary>The files of one command, and how its shell is called. Only paths of ours get onto a command line.</summary>
    internal sealed class CommandFiles
    {
        private readonly string agent;
        private readonly int step;
        private readonly string shell;

        public CommandFiles(string folder, int step, string shell)
        {
            agent = Path.Combine(folder, "agent");
            this.step = step;
            this.shell = shell;
        }

        /// <summary>The file that the command's state is left in.</summary>
        public string Left { get { return Path.Combine(agent, "left-" + step); } }

        /// <summary>Whether the shell is one of Git for Windows.</summary>
        public bool ForMsys { get { return shell == "sh" || shell == "bash"; } }

        /// <summary>The variables, and MSYSTEM: which of its kinds of programs Git for Windows has.</summary>
        public static EnvironmentBlock WithMsystem(EnvironmentBlock environment, string program)
        {
            EnvironmentBlock changed = EnvironmentBlock.Load(environment.Save());
            changed.Set("MSYSTEM", Kind(program).ToUpperInvariant());
            return changed;
        }

        /// <summary>The command line that runs the command by its shell. Throws FileNotFoundException where the job has removed the command's file.</summary>
        public string LineFor(string program)
        {
            string command = Path.Combine(agent, "command-" + step + Extension());
            if (!File.Exists(command)) throw new FileNotFoundException("The agent's files were removed: " + command + " is not there any more.");
            List<string> words = new List<string> { program };
            if (shell == "cmd") return CmdLine(program, command);
            if (ForMsys) words.AddRange(new[] { Forward("bash.sh"), "/" + Kind(program) + "/bin:/usr/bin", command.Replace('\\', '/'), Left, Forward("kept-" + shell) });
            else words.AddRange(new[] { "-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", Path.Combine(agent, "powershell.ps1"), command, Left });
            words.AddRange(Self.Words());
            return CommandLine.Of(words.ToArray());
        }

        /// <summary>`/s` takes the outer quotes off and nothing else; what the machine has in AutoRun (`/d`) is not the job's.</summary>
        private string CmdLine(string program, string command)
        {
            string wrapper = Path.Combine(agent, "step-" + step + ".cmd");
            string state = Quoted(Self.Words()) + " state " + Quoted(new[] { Left });
            // Not by %ERRORLEVEL% alone: a command may have set a variable of that name.
            string[] lines =
            {
                "@echo off",
                "call " + Quoted(new[] { command }),
                "@if errorlevel 1 (" + state + " failed \"%ERRORLEVEL%\") else if not errorlevel 0 (" + state + " failed \"%ERRORLEVEL%\") else (" + state + " ended)",
            };
            File.WriteAllText(wrapper, string.Join("\r\n", lines) + "\r\n", new UTF8Encoding(false));
            return "\"" + program + "\" /d /e:on /v:off /s /c \"\"" + wrapper + "\"\"";
        }

        private string Extension()
        {
            return shell == "cmd" ? ".cmd" : ForMsys ? ".sh" : ".ps1";
        }

        private string Forward(string name)
        {
            return Path.Combine(agent, name).Replace('\\', '/');
        }

        private static string Quoted(string[] words)
        {
            return "\"" + string.Join("\" \"", words) + "\"";
        }

        /// <summary>`mingw64`, or what else lies beside the shell's `usr\bin`.</summary>
        private static string Kind(string program)
        {
            string root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(program)));
            foreach (string kind in new[] { "mingw64", "clangarm64", "mingw32" }) if (Directory.Exists(Path.Combine(root, kind))) return kind;
            return "mingw64";
        }
    }
}
