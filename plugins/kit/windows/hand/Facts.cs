using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;
using Microsoft.Win32;

/// <summary>What a machine is and has: one line for each fact, a word and what belongs to it, separated by tabs. Who reads it decides what it means.</summary>
sealed class Facts
{
    const int AnswerMilliseconds = 10000;
    const string Windows = @"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    const string Environments = @"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
    readonly StringBuilder lines = new StringBuilder();
    readonly string question;

    /// <summary>`question`: the arguments with which an interpreter says what it is.</summary>
    internal Facts(string question) { this.question = question; }

    internal string All()
    {
        foreach (string name in new[] { "ProductName", "CurrentBuildNumber", "UBR", "InstallationType" }) Value(Windows, name);
        Value(Environments, "PROCESSOR_ARCHITECTURE");
        foreach (string path in Interpreters()) Add("python", Ask(path, question).Trim(), path);
        foreach (string path in new[] { @"SOFTWARE\Microsoft\VisualStudio\SxS\VS7", @"SOFTWARE\Microsoft\DevDiv\VCForPython\9.0" }) Products(path);
        string installer = Environment.GetEnvironmentVariable("ProgramFiles(x86)") ?? Environment.GetEnvironmentVariable("ProgramFiles") ?? "";
        string locator = Path.Combine(installer, @"Microsoft Visual Studio\Installer\vswhere.exe");
        if (File.Exists(locator)) Add("vswhere", Ask(locator, "-all -products * -format json -utf8 -nologo").Replace("\r", "").Replace("\n", " "));
        return lines.ToString();
    }

    void Add(params string[] fields) { lines.Append(string.Join("\t", fields)).Append('\n'); }

    static IEnumerable<RegistryKey> Roots()
    {
        foreach (var hive in new[] { RegistryHive.LocalMachine, RegistryHive.CurrentUser })
            foreach (var view in new[] { RegistryView.Registry64, RegistryView.Registry32 })
                yield return RegistryKey.OpenBaseKey(hive, view);
    }

    void Value(string path, string name)
    {
        using (var root = RegistryKey.OpenBaseKey(RegistryHive.LocalMachine, RegistryView.Registry64))
        using (var key = root.OpenSubKey(path))
        {
            object value = key == null ? null : key.GetValue(name);
            if (value != null) Add(name, value.ToString());
        }
    }

    /// <summary>Where Visual Studios up to 2015 are (a value for each version), and the compiler that was made for Python 2.7. Only such as have a C compiler.</summary>
    void Products(string path)
    {
        foreach (var root in Roots())
            using (root)
            using (var key = root.OpenSubKey(path))
                foreach (string name in key == null ? new string[0] : key.GetValueNames())
                {
                    string folder = key.GetValue(name) as string ?? "";
                    string own = Path.Combine(folder, "vcvarsall.bat"), usual = Path.Combine(folder, @"VC\vcvarsall.bat");
                    if (File.Exists(own) || File.Exists(usual)) Add("compiler", name, folder);
                }
    }

    /// <summary>Those that have registered (PEP 514), of whatever company, then those in usual places; each once.</summary>
    static List<string> Interpreters()
    {
        var found = new List<string>();
        foreach (var root in Roots())
            using (root)
            using (var companies = root.OpenSubKey(@"SOFTWARE\Python"))
                foreach (var company in Below(companies))
                    foreach (var tag in Below(company))
                        using (var place = tag.OpenSubKey("InstallPath"))
                            if (place != null) Note(found, Registered(place));
        string drive = Path.GetPathRoot(Environment.SystemDirectory);
        string programs = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), @"Programs\Python");
        foreach (string parent in new[] { drive, programs, Environment.GetEnvironmentVariable("ProgramFiles"), Environment.GetEnvironmentVariable("ProgramFiles(x86)") })
            foreach (string pattern in new[] { "Python*", "PyPy*" })
                if (parent != null && Directory.Exists(parent))
                    foreach (string folder in Directory.GetDirectories(parent, pattern))
                        foreach (string name in new[] { "python.exe", "pypy3.exe", "pypy.exe" }) Note(found, Path.Combine(folder, name));
        return found;
    }

    static IEnumerable<RegistryKey> Below(RegistryKey key)
    {
        foreach (string name in key == null ? new string[0] : key.GetSubKeyNames())
            using (var below = key.OpenSubKey(name))
                if (below != null) yield return below;
    }

    static string Registered(RegistryKey place)
    {
        string executable = place.GetValue("ExecutablePath") as string;
        return executable ?? Path.Combine(place.GetValue("") as string ?? "", "python.exe");
    }

    static void Note(List<string> found, string path)
    {
        if (!Path.IsPathRooted(path) || !File.Exists(path)) return;
        string whole = Path.GetFullPath(path);
        if (!found.Exists(one => string.Equals(one, whole, StringComparison.OrdinalIgnoreCase))) found.Add(whole);
    }

    /// <summary>What a program says; nothing if it does not run or does not end in time.</summary>
    static string Ask(string program, string arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, CreateNoWindow = true, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.StandardOutputEncoding = new UTF8Encoding(false);
        try
        {
            using (var process = Process.Start(start))
            {
                process.StandardInput.Close();
                var answer = process.StandardOutput.ReadToEndAsync();
                if (process.WaitForExit(AnswerMilliseconds) && answer.Wait(AnswerMilliseconds)) return answer.Result;
                process.Kill();
                return "";
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It is no program of this Windows: what is not there to be used is no fact.
            return "";
        }
    }
}
