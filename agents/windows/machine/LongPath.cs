using System;
using System.ComponentModel;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace Terrarium
{
    /// <summary>Files and folders whose paths may be longer than 260 characters, which only names that begin with `\\?\` may be everywhere.</summary>
    internal static class LongPath
    {
        private const int ErrorAlreadyExists = 183;

        /// <summary>Makes the first `count` of these folders, each in the one before.</summary>
        public static void MakeFolders(string root, string[] parts, int count)
        {
            for (int index = 1; index <= count; index++)
            {
                if (Native.CreateDirectoryW(Of(root, parts, index), IntPtr.Zero)) continue;
                int error = System.Runtime.InteropServices.Marshal.GetLastWin32Error();
                if (error != ErrorAlreadyExists) throw new Win32Exception(error, string.Join("/", parts, 0, index) + ": " + new Win32Exception(error).Message);
            }
        }

        /// <summary>A new file, or an empty one in the place of another.</summary>
        public static FileStream Create(string root, string[] parts)
        {
            const uint write = 0x40000000, createAlways = 2, normal = 0x80;
            SafeFileHandle handle = Native.CreateFileW(Of(root, parts, parts.Length), write, 0, IntPtr.Zero, createAlways, normal, IntPtr.Zero);
            Native.Check(!handle.IsInvalid, string.Join("/", parts));
            return new FileStream(handle, FileAccess.Write);
        }

        /// <summary>Sets when a file was changed last. Seconds since 1970.</summary>
        public static void SetModified(FileStream file, long seconds)
        {
            long time = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(seconds).ToFileTimeUtc();
            Native.Check(Native.SetFileTime(file.SafeFileHandle, IntPtr.Zero, IntPtr.Zero, ref time), "SetFileTime");
        }

        private static string Of(string root, string[] parts, int count)
        {
            return @"\\?\" + root + "\\" + string.Join("\\", parts, 0, count);
        }
    }
}
