using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Terrarium
{
    /// <summary>One line of the job's description: a word that says what it is, and its words. `steps.ts` writes them.</summary>
    internal sealed class Instruction
    {
        private readonly string[] words;

        public Instruction(string line)
        {
            words = line.Split(' ');
        }

        public string Kind { get { return words[0]; } }

        public string Word(int index)
        {
            return words[index];
        }

        public int Number(int index)
        {
            return int.Parse(words[index], CultureInfo.InvariantCulture);
        }

        public long Long(int index)
        {
            return long.Parse(words[index], CultureInfo.InvariantCulture);
        }

        /// <summary>A text, which travels as base64 of its UTF-8, an empty one as a dash.</summary>
        public string Text(int index)
        {
            return words[index] == "-" ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(words[index]));
        }
    }

    /// <summary>What the agent is to do: the file `agent\job`.</summary>
    internal sealed class JobDescription
    {
        public JobDescription(string folder)
        {
            Folder = folder;
            Instructions = new List<Instruction>();
            Shells = new List<string>();
            foreach (string line in File.ReadAllLines(Path.Combine(folder, "agent", "job"), new UTF8Encoding(false))) Take(new Instruction(line));
        }

        /// <summary>The session's folder.</summary>
        public string Folder { get; private set; }
        public int Version { get; private set; }
        public long TimeSeconds { get; private set; }
        public long SilenceSeconds { get; private set; }
        public long OutputBytes { get; private set; }
        public string WorkTree { get; private set; }

        /// <summary>The shells that the commands are written for.</summary>
        public List<string> Shells { get; private set; }

        /// <summary>What is to be done, in order.</summary>
        public List<Instruction> Instructions { get; private set; }

        private void Take(Instruction one)
        {
            switch (one.Kind)
            {
                case "version": Version = one.Number(1); break;
                case "limits":
                    TimeSeconds = one.Long(1);
                    SilenceSeconds = one.Long(2);
                    OutputBytes = one.Long(3);
                    break;
                case "tree": WorkTree = Path.Combine(Folder, "home", one.Word(1).Replace('/', '\\')); break;
                case "shell": Shells.Add(one.Word(1)); break;
                default: Instructions.Add(one); break;
            }
        }
    }
}
