using System;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Terrarium
{
    /// <summary>Starts programs by CreateProcess, which alone can hold one still until it is in the job object, and choose which handles it gets.</summary>
    internal static class ChildProcess
    {
        /// <summary>
        /// Runs a program to its end within `tree`. It gets NUL as its input and `output` as both of its outputs, no other handle. Returns its exit code, all 32 bits.
        /// </summary>
        public static uint Run(string program, string commandLine, EnvironmentBlock environment, string folder, SafeFileHandle output, ProcessTree tree)
        {
            return RunInTree(Create(program, commandLine, Native.CreateSuspended, environment, folder, output), tree);
        }

        /// <summary>
        /// Starts a program that outlives us and whoever started us. False: the job object that we are in lets nobody step out. It has NUL for all three handles and
        /// inherits no other: one of ours would keep the connection open that waits for its end.
        /// </summary>
        public static bool Detach(string program, string commandLine, out IntPtr process)
        {
            process = IntPtr.Zero;
            try
            {
                uint flags = Native.CreateBreakawayFromJob | Native.CreateNoWindow;
                Native.ProcessInformation child = Create(program, commandLine, flags, EnvironmentBlock.OfThisProcess(), Environment.SystemDirectory, null);
                Native.CloseHandle(child.Thread);
                process = child.Process;
                return true;
            }
            catch (System.ComponentModel.Win32Exception error)
            {
                if (error.NativeErrorCode == Native.ErrorAccessDenied) return false;
                throw;
            }
        }

        /// <summary>Whether the process has ended within so many milliseconds.</summary>
        public static bool HasEnded(IntPtr process, uint milliseconds)
        {
            return Native.WaitForSingleObject(process, milliseconds) == 0;
        }

        private static uint RunInTree(Native.ProcessInformation child, ProcessTree tree)
        {
            try
            {
                try
                {
                    tree.Add(child.Process);
                }
                catch
                {
                    Native.TerminateProcess(child.Process, 1);
                    throw;
                }
                Native.Check(Native.ResumeThread(child.Thread) != Native.Infinite, "ResumeThread");
                Native.Check(Native.WaitForSingleObject(child.Process, Native.Infinite) == 0, "WaitForSingleObject");
                uint code;
                Native.Check(Native.GetExitCodeProcess(child.Process, out code), "GetExitCodeProcess");
                return code;
            }
            finally
            {
                Native.CloseHandle(child.Thread);
                Native.CloseHandle(child.Process);
            }
        }

        /// <summary>`output` null: NUL.</summary>
        private static Native.ProcessInformation Create(string program, string commandLine, uint flags, EnvironmentBlock environment, string folder, SafeFileHandle output)
        {
            using (SafeFileHandle nul = OpenNul())
            {
                IntPtr input = Inheritable(nul);
                IntPtr target = output == null ? input : Inheritable(output);
                using (HandleList list = new HandleList(output == null ? new[] { input } : new[] { input, target }))
                {
                    Native.StartupInfoEx startup = new Native.StartupInfoEx();
                    startup.Basic.Size = Marshal.SizeOf(startup);
                    startup.Basic.Flags = Native.UseStandardHandles;
                    startup.Basic.Input = input;
                    startup.Basic.Output = startup.Basic.Error = target;
                    startup.Attributes = list.Attributes;
                    return Create(program, commandLine, flags, environment, folder, startup);
                }
            }
        }

        private static Native.ProcessInformation Create(string program, string commandLine, uint flags, EnvironmentBlock environment, string folder, Native.StartupInfoEx startup)
        {
            IntPtr block = environment.ToMemory();
            try
            {
                Native.ProcessInformation created;
                bool succeeded = Native.CreateProcessW(program, new StringBuilder(commandLine), IntPtr.Zero, IntPtr.Zero, true,
                    flags | Native.CreateUnicodeEnvironment | Native.ExtendedStartupInfo, block, folder, ref startup, out created);
                Native.Check(succeeded, "CreateProcess " + program);
                return created;
            }
            finally
            {
                Marshal.FreeHGlobal(block);
            }
        }

        private static IntPtr Inheritable(SafeFileHandle handle)
        {
            Native.Check(Native.SetHandleInformation(handle, Native.HandleInherit, Native.HandleInherit), "SetHandleInformation");
            return handle.DangerousGetHandle();
        }

        private static SafeFileHandle OpenNul()
        {
            const uint readAndWrite = 0xC0000000, shareAll = 7, openExisting = 3;
            SafeFileHandle nul = Native.CreateFileW("NUL", readAndWrite, shareAll, IntPtr.Zero, openExisting, 0, IntPtr.Zero);
            Native.Check(!nul.IsInvalid, "CreateFile NUL");
            return nul;
        }

        /// <summary>The list of handles that a process inherits, in the form that CreateProcess takes.</summary>
        private sealed class HandleList : IDisposable
        {
            private readonly IntPtr handles;

            public HandleList(params IntPtr[] inherited)
            {
                IntPtr size = IntPtr.Zero;
                Native.InitializeProcThreadAttributeList(IntPtr.Zero, 1, 0, ref size);
                Attributes = Marshal.AllocHGlobal(size);
                Native.Check(Native.InitializeProcThreadAttributeList(Attributes, 1, 0, ref size), "InitializeProcThreadAttributeList");
                handles = Marshal.AllocHGlobal(IntPtr.Size * inherited.Length);
                Marshal.Copy(inherited, 0, handles, inherited.Length);
                IntPtr bytes = new IntPtr(IntPtr.Size * inherited.Length);
                bool succeeded = Native.UpdateProcThreadAttribute(Attributes, 0, Native.HandleList, handles, bytes, IntPtr.Zero, IntPtr.Zero);
                Native.Check(succeeded, "UpdateProcThreadAttribute");
            }

            public IntPtr Attributes { get; private set; }

            public void Dispose()
            {
                Native.DeleteProcThreadAttributeList(Attributes);
                Marshal.FreeHGlobal(Attributes);
                Marshal.FreeHGlobal(handles);
            }
        }
    }
}
