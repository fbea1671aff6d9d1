// Calls google.golang.org/genai: one JSON object a line in, one out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"google.golang.org/genai"
)

const model = "gemini-2.5-flash"

type call struct {
	Call        string `json:"call"`
	Path        string `json:"path"`
	Name        string `json:"name"`
	URI         string `json:"uri"`
	MIMEType    string `json:"mime_type"`
	DisplayName string `json:"display_name"`
	Text        string `json:"text"`
	IsStream    bool   `json:"is_stream"`
	PageSize    int32  `json:"page_size"`
}

// A reader and nothing more, so that nobody can ask how long it is.
type onlyReader struct{ io.Reader }

func main() {
	ctx := context.Background()
	client, err := genai.NewClient(ctx, &genai.ClientConfig{
		APIKey:      os.Getenv("GEMINI_KEY"),
		Backend:     genai.BackendGeminiAPI,
		HTTPOptions: genai.HTTPOptions{BaseURL: os.Getenv("GEMINI_ADDRESS")},
	})
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var given call
		if err := json.Unmarshal(lines.Bytes(), &given); err != nil {
			panic(err)
		}
		answer := map[string]any{}
		result, err := run(ctx, client, given)
		if err == nil {
			answer["result"] = result
		} else {
			answer["error"] = err.Error()
		}
		text, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(text))
	}
}

func run(ctx context.Context, client *genai.Client, given call) (any, error) {
	switch given.Call {
	case "upload":
		return upload(ctx, client, given)
	case "get":
		return described(client.Files.Get(ctx, given.Name, nil))
	case "list":
		return list(ctx, client, given.PageSize)
	case "delete":
		_, err := client.Files.Delete(ctx, given.Name, nil)
		return nil, err
	case "ask":
		answer, err := client.Models.GenerateContent(ctx, model, prompt(given), nil)
		if err != nil {
			return nil, err
		}
		return answer.Text(), nil
	case "stream":
		pieces := []string{}
		for piece, err := range client.Models.GenerateContentStream(ctx, model, prompt(given), nil) {
			if err != nil {
				return nil, err
			}
			pieces = append(pieces, piece.Text())
		}
		return pieces, nil
	}
	return nil, fmt.Errorf("no call is named %q", given.Call)
}

func upload(ctx context.Context, client *genai.Client, given call) (any, error) {
	config := &genai.UploadFileConfig{MIMEType: given.MIMEType, DisplayName: given.DisplayName}
	if !given.IsStream {
		return described(client.Files.UploadFromPath(ctx, given.Path, config))
	}
	source, err := os.Open(given.Path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	return described(client.Files.Upload(ctx, onlyReader{source}, config))
}

func list(ctx context.Context, client *genai.Client, pageSize int32) (any, error) {
	names := []string{}
	page, err := client.Files.List(ctx, &genai.ListFilesConfig{PageSize: pageSize})
	for err == nil {
		for _, file := range page.Items {
			names = append(names, file.Name)
		}
		page, err = page.Next(ctx)
	}
	if !errors.Is(err, genai.ErrPageDone) {
		return nil, err
	}
	return names, nil
}

func prompt(given call) []*genai.Content {
	parts := []*genai.Part{genai.NewPartFromURI(given.URI, given.MIMEType), genai.NewPartFromText(given.Text)}
	return []*genai.Content{genai.NewContentFromParts(parts, genai.RoleUser)}
}

func described(file *genai.File, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"name":        file.Name,
		"uri":         file.URI,
		"displayName": file.DisplayName,
		"mimeType":    file.MIMEType,
		"sizeBytes":   strconv.FormatInt(*file.SizeBytes, 10),
		"sha256Hash":  file.Sha256Hash,
		"state":       string(file.State),
	}, nil
}
