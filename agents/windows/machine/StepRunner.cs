using System;
using System.ComponentModel;
using System.Globalization;
using System.IO;

namespace Terrarium
{
    /// <summary>Carries the instructions of a job out, one after the other; what a command leaves is what the next one finds.</summary>
    internal sealed class StepRunner
    {
        private readonly JobDescription job;
        private readonly Spool spool;
        private readonly Pump pump;
        private readonly ProcessTree tree;
        private readonly Course course;
        private CommandState state = new CommandState(EnvironmentBlock.OfThisProcess(), "");
        private int open = -1;
        private uint code = 1;

        public StepRunner(JobDescription job, Spool spool, Pump pump, ProcessTree tree, Course course)
        {
            this.job = job;
            this.spool = spool;
            this.pump = pump;
            this.tree = tree;
            this.course = course;
        }

        /// <summary>Makes the job's folders and variables. False: a command is for a shell that is not there, so nothing runs.</summary>
        public bool Prepare()
        {
            Directory.CreateDirectory(job.WorkTree);
            Directory.CreateDirectory(Path.Combine(job.Folder, "tmp"));
            string environment = Starter.EnvironmentFile(job.Folder);
            EnvironmentBlock variables = File.Exists(environment) ? EnvironmentBlock.Load(File.ReadAllText(environment)) : EnvironmentBlock.OfThisProcess();
            foreach (string name in new[] { "TMP", "TEMP", "TMPDIR" }) variables.Set(name, Path.Combine(job.Folder, "tmp"));
            foreach (string name in new[] { "CI", "TERRARIUM" }) variables.Set(name, "true");
            variables.Set("HOME", Path.Combine(job.Folder, "home"));
            state = new CommandState(variables, job.WorkTree);
            foreach (string shell in job.Shells)
            {
                if (Shells.Find(shell, variables) != null) continue;
                spool.Say("The job asks for the shell " + shell + ", which this machine does not have. " + Shells.Advice(shell));
                course.Ended(1);
                return false;
            }
            return true;
        }

        public void Do(Instruction one)
        {
            switch (one.Kind)
            {
                case "literal": state.Environment.Set(one.Word(1), one.Text(2)); break;
                case "expand": state.Environment.Set(one.Word(1), state.Environment.Expand(one.Text(2))); break;
                case "phase": course.Phase(one.Word(1), one.Word(2)); break;
                case "result": state.Environment.Set("TRAVIS_TEST_RESULT", course.Verdict == "failed" ? "1" : "0"); break;
                case "interpreter": Step(one, delegate { return Interpreter.PutInFront(one.Text(3), state.Environment, spool); }); break;
                case "checkout": Step(one, delegate { return Checkout.Unpack(job, one.Text(3), spool); }); break;
                case "command": Step(one, delegate { return RunCommand(one.Number(1), one.Word(3)); }); break;
                default: throw new InvalidDataException("The job's description holds `" + one.Kind + "`, which is no instruction.");
            }
        }

        /// <summary>The end of a step that was stopped in its midst.</summary>
        public void CloseOpenStep()
        {
            if (open >= 0) spool.Event("done", open, Course.Fit(code));
            open = -1;
        }

        private void Step(Instruction one, Func<uint> work)
        {
            if (course.Skips) return;
            open = one.Number(1);
            code = 1;
            spool.Event("step", open);
            spool.Write("\u001b[1m$ " + one.Text(2) + "\u001b[0m\n");
            code = work();
            pump.Drain();
            if (code > 255) spool.Say(string.Format(CultureInfo.InvariantCulture, "The exit code is {0} (0x{0:X8}), which counts as 255.", code));
            CloseOpenStep();
            course.Ended(Course.Fit(code));
        }

        private uint RunCommand(int step, string shell)
        {
            JobConsole.Reset();
            string program = Shells.Find(shell, state.Environment);
            if (program == null) throw new FileNotFoundException("The shell " + shell + " is not there any more.");
            CommandFiles files = new CommandFiles(job.Folder, step, shell);
            EnvironmentBlock environment = state.Environment;
            if (files.ForMsys) environment = CommandFiles.WithMsystem(environment, program);
            uint result;
            try
            {
                result = ChildProcess.Run(program, files.LineFor(program), environment, CurrentFolder(), pump.Input, tree);
            }
            catch (Win32Exception error)
            {
                spool.Say("The command cannot be started in " + state.Folder + ": " + error.Message);
                return 127;
            }
            CommandState left = CommandState.Load(files.Left) ?? state;
            // Each PowerShell puts folders of its own in, in which the other one finds modules that it cannot load.
            if (shell == "powershell" || shell == "pwsh") left.Environment.Restore("PSModulePath", state.Environment);
            state = left;
            return result;
        }

        /// <summary>Where a command is to run: where the one before was at its end, unless that folder is gone.</summary>
        private string CurrentFolder()
        {
            if (Directory.Exists(state.Folder)) return state.Folder;
            spool.Say("The folder " + state.Folder + " is gone: the command runs in " + job.Folder + ".");
            return job.Folder;
        }
    }
}
