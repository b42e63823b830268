<#
  Makes a Windows 10, 11 or Server 2016 to 2025 ready to be a machine of Terrarium. Run as an administrator, by hand or by autounattend.xml of this folder; it may be run again.
  docs/WINDOWS.md says what each part is for. What is to be installed besides is put into a folder `installers` beside this script, see there.
#>
[CmdletBinding()]
param(
    # The account that jobs run as. It is made if it is not there.
    [ValidatePattern('^[A-Za-z][A-Za-z0-9]{0,19}$')] [string] $User = 'ci',
    # The file of the public key that Terrarium signs in with, one line as ssh-keygen writes it.
    [string] $PublicKey = (Join-Path $PSScriptRoot 'terrarium.pub'),
    # Where there is no network to Windows Update: the folder with OpenSSH's zip file, expanded.
    [string] $OpenSsh = (Join-Path $PSScriptRoot 'OpenSSH-Win64')
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Write-Step([string] $Text) { Write-Host ('{0:HH:mm:ss} {1}' -f (Get-Date), $Text) }

# A native program's failure stops the script, as a cmdlet's does.
function Invoke-Program([string] $Path, [string[]] $Arguments, [int[]] $Fine = @(0)) {
    $process = Start-Process -FilePath $Path -ArgumentList $Arguments -Wait -PassThru -NoNewWindow
    if ($Fine -notcontains $process.ExitCode) { throw "$Path ended with $($process.ExitCode)" }
}

function Install-Ssh {
    if (Get-Service -Name sshd -ErrorAction SilentlyContinue) { return }
    if (Test-Path -LiteralPath (Join-Path $OpenSsh 'install-sshd.ps1')) {
        $place = Join-Path $env:ProgramFiles 'OpenSSH'
        Copy-Item -LiteralPath $OpenSsh -Destination $place -Recurse -Force
        & (Join-Path $place 'install-sshd.ps1')
        return
    }
    Add-WindowsCapability -Online -Name 'OpenSSH.Server~~~~0.0.1.0' | Out-Null
}

# By key only, SFTP by the program that comes along, and the usual shell: PowerShell as the shell changes exit codes and output.
function Set-SshConfiguration {
    $folder = Join-Path $env:ProgramData 'ssh'
    New-Item -ItemType Directory -Path $folder -Force | Out-Null
    $lines = @(
        'PubkeyAuthentication yes'
        'PasswordAuthentication no'
        'KbdInteractiveAuthentication no'
        'AuthorizedKeysFile __PROGRAMDATA__/ssh/terrarium_authorized_keys'
        'MaxSessions 20'
        'AllowTcpForwarding no'
        'Subsystem sftp sftp-server.exe'
    )
    [IO.File]::WriteAllLines((Join-Path $folder 'sshd_config'), [string[]] $lines)
    $keys = Join-Path $folder 'terrarium_authorized_keys'
    Copy-Item -LiteralPath $PublicKey -Destination $keys -Force
    # OpenSSH trusts this file only if nobody but these may write it. S-1-5-18 is SYSTEM, S-1-5-32-544 are the administrators, whatever the language.
    Invoke-Program 'icacls.exe' @("`"$keys`"", '/setowner', '*S-1-5-32-544')
    Invoke-Program 'icacls.exe' @("`"$keys`"", '/inheritance:r', '/grant', '*S-1-5-18:F', '/grant', '*S-1-5-32-544:F')
    Remove-ItemProperty -Path 'HKLM:\SOFTWARE\OpenSSH' -Name DefaultShell -ErrorAction SilentlyContinue
    Set-Service -Name sshd -StartupType Automatic
    if (-not (Get-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -ErrorAction SilentlyContinue)) {
        New-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -DisplayName 'OpenSSH server' -Direction Inbound -Protocol TCP -LocalPort 22 -Action Allow | Out-Null
    }
    Get-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' | Set-NetFirewallRule -Profile Any -Enabled True
}

# Nobody ever types its password, so nobody knows it.
function Add-JobAccount {
    if (-not (Get-LocalUser -Name $User -ErrorAction SilentlyContinue)) {
        $bytes = New-Object byte[] 32
        [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
        $password = ConvertTo-SecureString -String ([Convert]::ToBase64String($bytes) + 'aA1!') -AsPlainText -Force
        New-LocalUser -Name $User -Password $password -PasswordNeverExpires -AccountNeverExpires | Out-Null
    }
    if (-not (Get-LocalGroupMember -SID 'S-1-5-32-545' -Member $User -ErrorAction SilentlyContinue)) {
        Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $User
    }
    New-Item -ItemType Directory -Path 'C:\terrarium' -Force | Out-Null
    Invoke-Program 'icacls.exe' @('C:\terrarium', '/grant', "${User}:(OI)(CI)F")
}

function Set-System {
    # Paths of more than 260 characters, for programs that are made for them: Python 3.6 and newer, Git with core.longpaths.
    Set-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Control\FileSystem' -Name LongPathsEnabled -Value 1 -Type DWord
    Set-ItemProperty -Path 'HKLM:\SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell' -Name ExecutionPolicy -Value RemoteSigned
    # A program that crashes ends: no window waits for somebody to close it.
    Set-ItemProperty -Path 'HKLM:\SOFTWARE\Microsoft\Windows\Windows Error Reporting' -Name DontShowUI -Value 1 -Type DWord
    Set-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Control\Windows' -Name ErrorMode -Value 2 -Type DWord
    # Nobody is there to wake it up.
    Invoke-Program 'powercfg.exe' @('/change', 'standby-timeout-ac', '0')
    Invoke-Program 'powercfg.exe' @('/hibernate', 'off') @(0, 1)
    # A machine lives for one job: it has no time for updates.
    $updates = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU'
    New-Item -Path $updates -Force | Out-Null
    Set-ItemProperty -Path $updates -Name NoAutoUpdate -Value 1 -Type DWord
}

# One after the other, in the order of their names. `python-3.11.9-amd64.exe` and the like are told where to go, so that several versions get along.
function Install-Programs {
    $folder = Join-Path $PSScriptRoot 'installers'
    if (-not (Test-Path -LiteralPath $folder)) { return }
    foreach ($file in Get-ChildItem -LiteralPath $folder -File | Sort-Object -Property Name) {
        Write-Step "Installing $($file.Name)"
        # 3010 and 1641 ask for a restart, which comes anyway.
        $fine = @(0, 3010, 1641)
        switch -Regex ($file.Name) {
            '^python-(\d)\.(\d+)\.\d+(-amd64)?\.exe$' {
                $place = 'C:\Python{0}{1}{2}' -f $Matches[1], $Matches[2], $(if ($Matches[3]) { '' } else { '-32' })
                Invoke-Program $file.FullName @('/quiet', 'InstallAllUsers=1', "TargetDir=$place", 'Include_launcher=0', 'PrependPath=0', 'AssociateFiles=0', 'Shortcuts=0') $fine
            }
            '^python-2\.7\.\d+(\.amd64)?\.msi$' {
                $place = if ($Matches[1]) { 'C:\Python27-x64' } else { 'C:\Python27' }
                Invoke-Program 'msiexec.exe' @('/i', "`"$($file.FullName)`"", '/qn', '/norestart', 'ALLUSERS=1', "TARGETDIR=$place", 'ADDLOCAL=ALL', 'REMOVE=Extensions') $fine
            }
            '^Git-.*\.exe$' { Invoke-Program $file.FullName @('/VERYSILENT', '/NORESTART', '/NOCANCEL', '/SP-', '/o:PathOption=Cmd', '/o:CRLFOption=CRLFCommitAsIs') $fine }
            '^vs_.*\.exe$' {
                $workload = 'Microsoft.VisualStudio.Workload.VCTools'
                Invoke-Program $file.FullName @('--quiet', '--wait', '--norestart', '--nocache', '--add', $workload, '--includeRecommended') $fine
            }
            '\.msi$' { Invoke-Program 'msiexec.exe' @('/i', "`"$($file.FullName)`"", '/qn', '/norestart') $fine }
            default { throw "Nobody has said how $($file.Name) is installed: add it to Install-Programs, or install it by hand and take it out of $folder." }
        }
    }
}

if (-not (Test-Path -LiteralPath $PublicKey)) { throw "There is no public key: put it into $PublicKey, or name another file by -PublicKey." }
Write-Step 'Setting up the system'
Set-System
Write-Step "Making the account $User"
Add-JobAccount
Write-Step 'Installing OpenSSH'
Install-Ssh
Set-SshConfiguration
Install-Programs
Restart-Service -Name sshd
# They are made when the service first starts.
$hostKey = Join-Path $env:ProgramData 'ssh\ssh_host_ed25519_key.pub'
Write-Step 'Ready. The host key, for `terrarium image import --host-key` or the configuration of runner-ssh:'
Get-Content -LiteralPath $hostKey
