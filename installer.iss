; Windows installer. Packs the folder that PyInstaller makes:
;   iscc /DAppVersion=0.1.0 installer.iss
; Conversations and settings lie in the user's local application data and stay on uninstall.

#ifndef AppVersion
  #define AppVersion "0.1.0"
#endif
#ifndef SourceTree
  #define SourceTree "dist\cascade-desk"
#endif

[Setup]
AppId={{23DCCE7E-541A-4542-88DA-555829868C34}
AppName=Cascade Desk
AppVersion={#AppVersion}
AppPublisher=The Cascade Desk authors
LicenseFile=LICENSE
DefaultDirName={autopf}\Cascade Desk
DefaultGroupName=Cascade Desk
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
AppMutex=CascadeDesk
CloseApplications=yes
ChangesAssociations=yes
SetupLogging=yes
UninstallDisplayIcon={app}\cascade-desk.exe
OutputDir=dist
OutputBaseFilename=cascade-desk-{#AppVersion}-setup
Compression=lzma2
SolidCompression=yes
WizardStyle=modern

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "gguf"; Description: "Offer Cascade Desk to open .gguf files"; Flags: unchecked

[InstallDelete]
; A library that a new version no longer has would be found before the one that took its place.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#SourceTree}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Cascade Desk"; Filename: "{app}\cascade-desk.exe"
Name: "{autodesktop}\Cascade Desk"; Filename: "{app}\cascade-desk.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueType: string; ValueName: "CascadeDesk.gguf"; ValueData: ""; Flags: uninsdeletevalue; Tasks: gguf
Root: HKA; Subkey: "Software\Classes\CascadeDesk.gguf"; ValueType: string; ValueData: "GGUF model"; Flags: uninsdeletekey; Tasks: gguf
Root: HKA; Subkey: "Software\Classes\CascadeDesk.gguf\shell\open\command"; ValueType: string; ValueData: """{app}\cascade-desk.exe"" ""%1"""; Tasks: gguf

[Run]
Filename: "{app}\cascade-desk.exe"; Description: "{cm:LaunchProgram,Cascade Desk}"; Flags: nowait postinstall skipifsilent
