using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

/// <summary>What the commands of the contract suite call on Windows, where no program of the system writes bytes as they are.</summary>
internal static class Probe
{
    private static readonly Stream Output = Console.OpenStandardOutput();

    private static int Main(string[] words)
    {
        switch (words[0])
        {
            case "show": return Write(Environment.GetEnvironmentVariable(words[1]) + "|");
            case "cat": return Write(File.ReadAllBytes(Environment.GetEnvironmentVariable(words[1])));
            case "pass":
                for (int index = 1; index < words.Length; index++) Write("[" + words[index] + "]");
                return 0;
            case "exit": return unchecked((int)uint.Parse(words[1]));
            case "kill":
                Process.GetProcessById(int.Parse(words[1].Trim())).Kill();
                return 0;
            case "until":
                while (!File.Exists(Environment.GetEnvironmentVariable(words[1]))) Thread.Sleep(50);
                return 0;
            case "wait":
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "jailed": return RunJailed(words);
            case "elsewhere": return StartElsewhere(words);
            case "drip":
                for (;;)
                {
                    Write("y\n");
                    Thread.Sleep(5);
                }
            case "flood":
                for (;;) Write(new string('y', 1000) + "\n");
            default: return 99;
        }
    }

    /// <summary>Runs a program in a job object out of which nobody can step, as old SSH servers do. `jailed PROGRAM ARGUMENT...`</summary>
    private static int RunJailed(string[] words)
    {
        using (Process self = Process.GetCurrentProcess())
            if (!AssignProcessToJobObject(CreateJobObjectW(IntPtr.Zero, null), self.Handle)) return 98;
        ProcessStartInfo start = new ProcessStartInfo(words[1], string.Join(" ", words, 2, words.Length - 2));
        start.UseShellExecute = false;
        using (Process child = Process.Start(start))
        {
            child.WaitForExit();
            return child.ExitCode;
        }
    }

    /// <summary>Starts a program with other variables and a console of its own, and leaves it, as WMI does. `elsewhere PROGRAM ARGUMENT...`</summary>
    private static int StartElsewhere(string[] words)
    {
        ProcessStartInfo start = new ProcessStartInfo(words[1], string.Join(" ", words, 2, words.Length - 2));
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.EnvironmentVariables["ELSEWHERE"] = "yes";
        Process.Start(start).Dispose();
        return 0;
    }

    [DllImport("kernel32", CharSet = CharSet.Unicode)]
    private static extern IntPtr CreateJobObjectW(IntPtr attributes, string name);

    [DllImport("kernel32")]
    private static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);

    private static int Write(string text)
    {
        return Write(new UTF8Encoding(false).GetBytes(text));
    }

    private static int Write(byte[] bytes)
    {
        Output.Write(bytes, 0, bytes.Length);
        Output.Flush();
        return 0;
    }
}
