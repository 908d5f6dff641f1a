; Windows installer. Packs the folder that PyInstaller makes:
;   iscc /DAppVersion=1.2.3 installer.iss
; For the person who starts it, without administrator's rights; everything of the program's is gone when
; it is uninstalled, and conversations, settings and models stay unless their removal is asked for:
;   unins000.exe /VERYSILENT /SUPPRESSMSGBOXES /REMOVEDATA=1

#ifndef AppVersion
  #error Pass the version: iscc /DAppVersion=1.2.3 installer.iss
#endif
#ifndef SourceTree
  #define SourceTree "dist\cascade-desk"
#endif
#ifndef ProgramsFolder
  #define ProgramsFolder "{autopf}"
#endif
; Seconds that an open window gets to save what it has read.
#ifndef Patience
  #define Patience "30"
#endif
#define Program "cascade-desk.exe"
#define DataFolder "{localappdata}\cascade-desk"

[Setup]
AppId={{23DCCE7E-541A-4542-88DA-555829868C34}
AppName=Cascade Desk
AppVersion={#AppVersion}
AppPublisher=The Cascade Desk authors
VersionInfoVersion={#AppVersion}
VersionInfoDescription=Cascade Desk Setup
DefaultDirName={#ProgramsFolder}\Cascade Desk
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; Qt 6.11 runs from this version of Windows on.
MinVersion=10.0.17763
SetupMutex=CascadeDeskSetup
; What still holds a file of ours after its window was closed below.
CloseApplications=yes
RestartApplications=no
ChangesAssociations=yes
SetupLogging=yes
UninstallDisplayName=Cascade Desk
UninstallDisplayIcon={app}\{#Program}
OutputDir=dist
OutputBaseFilename=cascade-desk-{#AppVersion}-setup
#if FileExists(AddBackslash(SourcePath) + "build\icons\cascade-desk.ico")
SetupIconFile=build\icons\cascade-desk.ico
#endif
Compression=lzma2
SolidCompression=yes
WizardStyle=modern

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[CustomMessages]
en.Association=Offer Cascade Desk in "Open with" for .gguf files
de.Association=Cascade Desk unter „Öffnen mit“ für .gguf-Dateien anbieten
en.FileKind=GGUF model
de.FileKind=GGUF-Modell
en.CloseFirst=Cascade Desk is open. It will save what you wrote and be closed now.
de.CloseFirst=Cascade Desk ist geöffnet. Es speichert jetzt, was Sie geschrieben haben, und wird geschlossen.
en.StillOpen=Cascade Desk is still open, and nothing was changed. Close it, then start this again.
de.StillOpen=Cascade Desk ist noch geöffnet, und es wurde nichts geändert. Schließen Sie es und starten Sie dies dann noch einmal.
en.RemoveData=Cascade Desk was removed. Remove your conversations, settings and the models it downloaded, too?%n%nThey are in %1. This can't be undone. With No, they stay, and a later installation finds them.
de.RemoveData=Cascade Desk wurde entfernt. Sollen auch Ihre Unterhaltungen, die Einstellungen und die heruntergeladenen Modelle entfernt werden?%n%nSie liegen in %1. Das lässt sich nicht rückgängig machen. Bei „Nein“ bleiben sie, und eine spätere Installation findet sie wieder.
en.DataLeft=Some of it could not be removed. What is left is in %1.
de.DataLeft=Einiges konnte nicht entfernt werden. Was noch da ist, liegt in %1.

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "gguf"; Description: "{cm:Association}"; Flags: unchecked

[InstallDelete]
; A library that a new version no longer has would be found before the one that took its place. Only
; where the program stands already: another program's folder of this name is not ours.
Type: filesandordirs; Name: "{app}\_internal"; Check: IsUpgrade
Type: filesandordirs; Name: "{app}\licences"; Check: IsUpgrade
; It was asked for the last time, and is not now.
Type: files; Name: "{autodesktop}\Cascade Desk.lnk"; Tasks: not desktopicon; Check: IsUpgrade

[Files]
Source: "{#SourceTree}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\Cascade Desk"; Filename: "{app}\{#Program}"
Name: "{autodesktop}\Cascade Desk"; Filename: "{app}\{#Program}"; Tasks: desktopicon

[Registry]
; A place in the list of programs to open it with; which one is the default stays the person's choice.
Root: HKA; Subkey: "Software\Classes\.gguf"; Flags: uninsdeletekeyifempty; Tasks: gguf
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueType: string; ValueName: "CascadeDesk.gguf"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty; Tasks: gguf
Root: HKA; Subkey: "Software\Classes\CascadeDesk.gguf"; ValueType: string; ValueData: "{cm:FileKind}"; Flags: uninsdeletekey; Tasks: gguf
Root: HKA; Subkey: "Software\Classes\CascadeDesk.gguf\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Program},0"; Tasks: gguf
Root: HKA; Subkey: "Software\Classes\CascadeDesk.gguf\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" ""%1"""; Tasks: gguf
; The same: asked for the last time, and not now.
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueName: "CascadeDesk.gguf"; Flags: deletevalue dontcreatekey; Tasks: not gguf
Root: HKA; Subkey: "Software\Classes\CascadeDesk.gguf"; Flags: deletekey dontcreatekey; Tasks: not gguf

[Run]
Filename: "{app}\{#Program}"; Description: "{cm:LaunchProgram,Cascade Desk}"; Flags: nowait postinstall skipifsilent

[Code]
const
  // Held by every window of the program: ui/open_mark.py.
  WindowMutex = 'CascadeDesk';

function IsUpgrade: Boolean;
begin
  Result := FileExists(ExpandConstant('{app}\{#Program}'));
end;

function IsOpen: Boolean;
begin
  Result := CheckForMutexes(WindowMutex);
end;

// Closes open windows as their own button does, once: a second time they would not ask about what is unsaved.
function CloseWindows: Boolean;
var
  Status, Waited: Integer;
begin
  Exec(ExpandConstant('{sys}\taskkill.exe'), '/IM {#Program}', '', SW_HIDE, ewWaitUntilTerminated, Status);
  Waited := 0;
  while IsOpen and (Waited < {#Patience} * 1000) do
  begin
    Sleep(250);
    Waited := Waited + 250;
  end;
  Result := not IsOpen;
  // Its own child processes end after it, and hold its files until then.
  if Result then
    Sleep(1000);
end;

function PrepareToInstall(var NeedsRestart: Boolean): String;
begin
  Result := '';
  if IsOpen then
  begin
    if SuppressibleMsgBox(CustomMessage('CloseFirst'), mbConfirmation, MB_OKCANCEL, IDOK) <> IDOK then
      Result := CustomMessage('StillOpen')
    else if not CloseWindows then
      Result := CustomMessage('StillOpen');
  end;
end;

function InitializeUninstall: Boolean;
begin
  Result := True;
  if IsOpen then
  begin
    Result := UninstallSilent;
    if not Result then
      Result := MsgBox(CustomMessage('CloseFirst'), mbConfirmation, MB_OKCANCEL) = IDOK;
    if Result then
      Result := CloseWindows;
    if not Result and not UninstallSilent then
      MsgBox(CustomMessage('StillOpen'), mbInformation, MB_OK);
  end;
end;

function DataIsUnwanted(Folder: String): Boolean;
begin
  if UninstallSilent then
    Result := ExpandConstant('{param:REMOVEDATA|0}') = '1'
  else
    Result := MsgBox(FmtMessage(CustomMessage('RemoveData'), [Folder]), mbConfirmation,
      MB_YESNO or MB_DEFBUTTON2) = IDYES;
end;

procedure RemoveData(Folder: String);
var
  Status: Integer;
begin
  // The hub's token, where the program kept one: app/settings/tokens.py.
  Exec(ExpandConstant('{sys}\cmdkey.exe'), '/delete:cascade-desk', '', SW_HIDE, ewWaitUntilTerminated, Status);
  if not DelTree(Folder, True, True, True) then
  begin
    Log('Not all of ' + Folder + ' could be removed.');
    if not UninstallSilent then
      MsgBox(FmtMessage(CustomMessage('DataLeft'), [Folder]), mbInformation, MB_OK);
  end;
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Folder: String;
begin
  if Step = usPostUninstall then
  begin
    Folder := ExpandConstant('{#DataFolder}');
    if DirExists(Folder) then
      if DataIsUnwanted(Folder) then
        RemoveData(Folder);
  end;
end;
