using System;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

/// <summary>One command of a session. Beside the session's folder are its files: ID.line, ID.out, ID.exit, ID.kill.</summary>
sealed class Command
{
    const uint Suspended = 0x4, UnicodeEnvironment = 0x400, NoWindow = 0x8000000, Breakaway = 0x1000000, Flags = Suspended | UnicodeEnvironment | NoWindow;
    const uint Inherit = 1, GenericRead = 0x80000000, OpenExisting = 3;
    const int UseHandles = 0x100, FileNotFound = 2, PathNotFound = 3, AccessDenied = 5;
    readonly string folder, files, machine;

    internal Command(string folder, string id, string machine)
    {
        this.folder = folder;
        this.machine = machine;
        files = Path.Combine(Path.Combine(folder, ".terrarium"), id);
    }

    internal int Run()
    {
        using (var output = new FileStream(files + ".out", FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete | FileShare.Inheritable))
        {
            uint code = Start(output);
            string written = files + ".exit";
            File.WriteAllText(written + ".new", code.ToString(CultureInfo.InvariantCulture));
            File.Move(written + ".new", written);
        }
        return 0;
    }

    uint Start(FileStream output)
    {
        var own = Machine.OfCommand();
        Native.ProcessInformation process;
        int error = Create(output, out process);
        if (error != 0) return Refuse(output, error);
        if (machine != "none") Machine.Of(machine).Take(process.Process);
        own.Take(process.Process);
        Native.ResumeThread(process.Thread);
        while (Native.WaitForSingleObject(process.Process, 50) != 0)
            if (File.Exists(files + ".kill")) return own.End() ? 137u : 255u;
        uint code;
        Native.Checked(Native.GetExitCodeProcess(process.Process, out code));
        return code;
    }

    /// <summary>
    /// Starts it suspended, with nothing of ours but these handles. OpenSSH ends with a command all that it has left behind, unless that broke away; very old ones let nothing break
    /// away. Gives the error, 0 for none.
    /// </summary>
    int Create(FileStream output, out Native.ProcessInformation process)
    {
        foreach (int number in new[] { -10, -11, -12 }) Native.SetHandleInformation(Native.GetStdHandle(number), Inherit, 0);
        var startup = new Native.StartupInfo();
        startup.Size = Marshal.SizeOf(typeof(Native.StartupInfo));
        startup.Flags = UseHandles;
        startup.Input = Nothing();
        startup.Output = startup.Error = output.SafeFileHandle.DangerousGetHandle();
        if (Native.CreateProcessW(null, Line(), IntPtr.Zero, IntPtr.Zero, true, Flags | Breakaway, IntPtr.Zero, folder, ref startup, out process)) return 0;
        int error = Marshal.GetLastWin32Error();
        if (error != AccessDenied) return error;
        return Native.CreateProcessW(null, Line(), IntPtr.Zero, IntPtr.Zero, true, Flags, IntPtr.Zero, folder, ref startup, out process) ? 0 : Marshal.GetLastWin32Error();
    }

    /// <summary>An empty standard input. FileStream of .NET Framework opens no device.</summary>
    static IntPtr Nothing()
    {
        IntPtr handle = Native.CreateFileW("NUL", GenericRead, 3, IntPtr.Zero, OpenExisting, 0, IntPtr.Zero);
        Native.Checked(handle != new IntPtr(-1));
        Native.Checked(Native.SetHandleInformation(handle, Inherit, Inherit));
        return handle;
    }

    /// <summary>CreateProcess writes into it.</summary>
    StringBuilder Line() { return new StringBuilder(Encoding.Unicode.GetString(File.ReadAllBytes(files + ".line")), 32768); }

    static uint Refuse(FileStream output, int error)
    {
        byte[] message = Encoding.UTF8.GetBytes("The program cannot be started: " + new Win32Exception(error).Message + "\r\n");
        output.Write(message, 0, message.Length);
        return error == FileNotFound || error == PathNotFound ? 127u : 126u;
    }
}
